"""The checks themselves: each rule must catch a tree that breaks it and pass one that does not."""
import contextlib
import io
import os
import shutil
import sys
import tempfile
import unittest

import check_alone
import check_format
import check_levels
import check_mirror
import check_sizes
import check_wording
import count_frames

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "levels.txt")


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="qeval hygiene ")
        self.root = self.folder.name

    def tearDown(self):
        self.folder.cleanup()

    def put(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as out:
            out.write(text)

    def levels(self):
        return "\n".join(check_levels.check(self.root, TABLE)[0])

    def test_going_down_and_sideways_is_allowed(self):
        self.put("include/qeval/core/a.hpp", "#include <vector>\n#include <qeval/core/b.hpp>\n")
        self.put("include/qeval/core/b.hpp", "\n")
        self.put("include/qeval/kernel/cpu/c.hpp", "#include <xsimd/xsimd.hpp>\n#include <qeval/core/a.hpp>\n")
        self.put("include/qeval/format.hpp", "#include <qeval/core/a.hpp>\n")
        self.assertEqual(self.levels(), "")

    def test_going_up_is_caught(self):
        self.put("include/qeval/core/a.hpp", "#include <qeval/io/b.hpp>\n")
        self.put("include/qeval/io/b.hpp", "\n")
        self.assertIn("core (level 0) must not include io (level 3)", self.levels())

    def test_a_neighbour_folder_of_the_same_level_is_caught(self):
        self.put("include/qeval/io/a.hpp", "#include <qeval/kernel/b.hpp>\n")
        self.put("include/qeval/kernel/b.hpp", "\n")
        self.assertIn("io (level 3) must not include kernel (level 3)", self.levels())

    def test_a_room_without_a_row_for_another_is_caught(self):
        self.put("include/qeval/io/json/a.hpp", "#include <qeval/io/text/b.hpp>\n")
        self.put("include/qeval/io/text/b.hpp", "\n")
        self.put("include/qeval/kernel/cpu/simd/c.hpp", "#include <qeval/kernel/d.hpp>\n")
        self.put("include/qeval/kernel/d.hpp", "\n")
        self.assertEqual(self.levels(), "")
        self.put("include/qeval/io/text/b.hpp", "#include <qeval/io/json/a.hpp>\n")
        self.put("include/qeval/kernel/d.hpp", "#include <qeval/kernel/cpu/simd/c.hpp>\n")
        found = self.levels()
        self.assertIn("include/qeval/io/text/b.hpp:1: the room io/text must not include io/json", found)
        self.assertIn("include/qeval/kernel/d.hpp:1: the room kernel must not include kernel/cpu/simd", found)

    def test_a_device_named_above_its_backend_is_caught(self):
        self.put("include/qeval/model/cpu/a.hpp", "using x = cpu::host;\n")
        self.put("include/qeval/model/b.hpp", "// cpu::host is one\nvoid f();\n")
        self.assertEqual(self.levels(), "")
        self.put("include/qeval/scheme/c.hpp", "\nauto x = qeval::cpu::take(w);\n")
        self.assertIn("include/qeval/scheme/c.hpp:2: cpu:: may be named in", self.levels())

    def test_a_library_in_the_wrong_header_is_caught(self):
        self.put("include/qeval/io/tokenizer/tokenizer.hpp", "#include <nlohmann/json.hpp>\n")
        self.assertIn("nlohmann_json may be included in io/json/json.hpp only", self.levels())

    def test_a_library_in_two_headers_is_caught(self):
        self.put("include/qeval/kernel/cpu/a.hpp", "#include <xsimd/xsimd.hpp>\n")
        self.put("include/qeval/kernel/cpu/b.hpp", "#include <xsimd/xsimd.hpp>\n")
        self.assertIn("xsimd must be wrapped by one header", self.levels())

    def test_an_unknown_library_a_missing_header_and_an_unknown_folder_are_caught(self):
        self.put("include/qeval/io/a.hpp", "#include <boost/any.hpp>\n#include <qeval/io/none.hpp>\n")
        self.put("include/qeval/odd/a.hpp", "\n")
        found = self.levels()
        self.assertIn("<boost/any.hpp> belongs to no library", found)
        self.assertIn("<qeval/io/none.hpp> does not exist", found)
        self.assertIn("folder 'odd' has no row", found)

    def test_a_host_library_behind_device_code_is_caught(self):
        self.put("include/qeval/io/json/json.hpp", "#include <nlohmann/json.hpp>\n")
        self.put("include/qeval/io/config.hpp", "#include <qeval/io/json/json.hpp>\n")
        self.put("include/qeval/engine/cuda/e.cuh", "#include <qeval/io/config.hpp>\n")
        self.assertIn("device code reaches nlohmann_json", self.levels())
        self.put("tests/cuda/t.cu", "#include <xtensor/xarray.hpp>\n")
        self.assertIn("tests/cuda/t.cu: device code must not include xtensor", self.levels())

    def alone(self):
        text = io.StringIO()
        compiler = ["c++", "-std=c++20", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
        with contextlib.redirect_stdout(text):
            status = check_alone.main([self.root, os.path.join(self.root, "scratch"), "--jobs", "1", "--", *compiler])
        return status, text.getvalue()

    @unittest.skipUnless(shutil.which("c++"), "no compiler")
    def test_headers_that_do_not_compile_alone_are_caught(self):
        self.put("include/qeval/core/a.hpp", "#pragma once\n#include <string>\ninline std::string a() { return {}; }\n")
        self.assertEqual(self.alone()[0], 0)
        for name, body in (("missing", "inline std::vector<int> b;\n"), ("twice", "#include <vector>\nstruct twice {};\n"),
                           ("warning", "#pragma once\ninline int c(long x) { return x; }\n"), ("open", "#pragma once\nstruct d {\n")):
            self.put("include/qeval/core/b.hpp", body)
            status, text = self.alone()
            self.assertEqual((name, status), (name, 1))
            self.assertIn("include/qeval/core/b.hpp does not compile alone", text)
            self.assertNotIn("include/qeval/core/a.hpp", text)

    def test_sizes(self):
        self.put("include/qeval/core/a.hpp", "\n" * 301)
        self.assertEqual(len(check_sizes.check(self.root)[0]), 2)  # above the limit, and the median with it
        for name in "bcdef":
            self.put(f"include/qeval/core/{name}.hpp", "\n" * 90)
        self.put("include/qeval/core/a.hpp", "\n" * 300)
        self.assertEqual(check_sizes.check(self.root)[0], [])

    def test_lines_are_measured_where_the_formatter_is_not_told_to_leave_a_table(self):
        wide = "// " + "x" * 118 + "\n"
        self.put("include/qeval/core/a.hpp", wide)
        self.put("tests/core/b_test.cpp", "// clang-format off\n" + wide + "// clang-format on\n")
        self.assertEqual(check_format.check(self.root)[0], ["include/qeval/core/a.hpp:1: 121 columns; at most 120"])
        self.put("tests/core/b_test.cpp", "// clang-format off\n" + wide + "// clang-format on\n" + wide)
        self.assertIn("tests/core/b_test.cpp:4: 121 columns; at most 120", check_format.check(self.root)[0])

    @unittest.skipUnless(shutil.which("clang-format-14"), "no clang-format-14")
    def test_a_file_that_the_formatter_would_change_is_caught(self):
        self.put(".clang-format", "BasedOnStyle: LLVM\nColumnLimit: 120\n")
        self.put("include/qeval/core/a.hpp", "int a(int b) { return b; }\n")
        self.assertEqual(check_format.check(self.root, "clang-format-14")[0], [])
        self.put("examples/b.cpp", "int a(int b) {return b;}\n")
        problems, _ = check_format.check(self.root, "clang-format-14")
        self.assertEqual(len(problems), 1)
        self.assertIn("examples/b.cpp:1", problems[0])

    def test_a_full_folder_is_caught_where_it_is_no_list(self):
        for i in range(31):
            self.put(f"include/qeval/format/catalog/f{i}.hpp", "\n")
            self.put(f"include/qeval/io/f{i}.hpp", "\n")
        self.assertEqual(check_sizes.check(self.root)[0],
                         ["include/qeval/io: 31 headers; a folder that is no list has at most 30"])

    def mirror(self, table):
        self.put("table.txt", table)
        return check_mirror.check(self.root, os.path.join(self.root, "table.txt"))[0]

    def test_a_test_without_its_header_is_caught(self):
        self.put("include/qeval/io/a.hpp", "\n")
        self.put("tests/io/a_test.cpp", "#include <qeval/io/a.hpp>\n")
        self.put("tests/io/a_limits_slow_test.cpp", "\n")
        self.assertEqual(self.mirror("complete io\n"), [])
        self.put("tests/io/b_test.cpp", "\n")
        self.put("tests/text/a_test.cpp", "\n")
        self.assertEqual(len(self.mirror("complete io\n")), 2)
        self.assertEqual(self.mirror("whole io/b readers at once\nwhole text other things\n"), [])
        self.assertIn("'whole io/c' is no longer needed",
                      "".join(self.mirror("whole io/b b\nwhole text t\nwhole io/c removed\n")))

    def test_a_header_without_a_test_is_caught_in_complete_folders(self):
        for name in ("io/a", "io/b", "io/json/c", "core/d"):
            self.put(f"include/qeval/{name}.hpp", "\n")
        self.put("tests/io/a_test.cpp", "// Rows. Also\n// tests b.hpp,\n// json/c.hpp.\n#include <qeval/io/b.hpp>\n// e.hpp\n")
        self.assertEqual(self.mirror("complete io\n"),
                         ["tests/io/a_test.cpp: also tests io/json/c.hpp, but does not include it"])
        self.put("include/qeval/io/b.hpp", "#include <qeval/io/json/c.hpp>\n")
        self.assertEqual(self.mirror("complete io\n"), [])
        self.put("tests/io/a_test.cpp", "// Also tests b.hpp, old.hpp.\n#include <qeval/io/b.hpp>\n")
        self.assertEqual(self.mirror("complete io\nwithout io/json/c.hpp a struct\n"),
                         ["tests/io/a_test.cpp: also tests io/old.hpp, which does not exist"])
        self.assertIn("no test of this name", "".join(self.mirror("complete io\n")))

    def test_frames_are_counted_without_lambdas_loops_and_the_pool(self):
        names = ["ns::multiply_add", "ns::gemv<q8>::run(view<q8> const&)::{lambda(int)#1}::operator()(int) const", "ns::each<4, ns::gemv<q8>>",
                 "ns::gemv<q8>::run(view<q8> const&)", "ns::product<ns::{lambda(long)#1}>::run(long) const",
                 "qeval::thread_pool::run(qeval::thread_pool::loop const&)", "ns::linear<path>::apply(ns::x const&) const", "main"]
        self.assertEqual(count_frames.path([count_frames.plain(name) for name in names]),
                         ["ns::linear::apply", "ns::product::run", "ns::gemv::run", "ns::multiply_add"])
        self.assertEqual(count_frames.path(["main"]), [])
        frame = '#6  0x0000555 in ns::f<g, (h)0>::run(long) const (this=0x1, x=...) at a.hpp:1'
        self.assertEqual(count_frames.FRAME.match(frame).group(1), "ns::f<g, (h)0>::run(long) const")

    def test_wording(self):
        self.put("include/qeval/core/a.hpp", "// TODO: more\nint fast_sum();\nauto p = \"/work/x\";\n")
        self.assertEqual(len(check_wording.check(self.root)[0]), 3)
        self.put("include/qeval/core/a.hpp", "std::uint_fast32_t x; // fastening and breakfast\n")
        self.assertEqual(check_wording.check(self.root)[0], [])


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
