"""The runner itself: it must tell a helpful single error from everything else.

usage: test_run_case.py COMPILER FLAGS...
"""
import contextlib
import io
import os
import sys
import tempfile
import unittest

import run_case

COMPILER = []
ASSERT = 'static_assert({0}, "qeval: {1}");\n'


def case(variant, twin="int right;\n", expectation="qeval: say what to write"):
    return f"#if QEVAL_FAIL == 1\n// expected-error-1: {expectation}\n{variant}#else\n{twin}#endif\n"


class Runner(unittest.TestCase):
    def run_text(self, text):
        with tempfile.TemporaryDirectory(prefix="qeval must fail ") as folder:
            path = os.path.join(folder, "case.cpp")
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                status = run_case.run_file(path, COMPILER)
            return status, said.getvalue()

    def expect(self, text, status, words=""):
        found, said = self.run_text(text)
        self.assertEqual(found, status, said)
        self.assertIn(words, said)

    def test_one_error_with_the_words_passes(self):
        self.expect(case(ASSERT.format("false", "say what to write")), 0)

    def test_a_variant_that_compiles_is_caught(self):
        self.expect(case("int fine;\n"), 1, "must not")

    def test_two_errors_are_caught(self):
        self.expect(case(ASSERT.format("false", "say what to write") * 2), 1, "2 lines with 'error:'")

    def test_other_words_are_caught(self):
        self.expect(case(ASSERT.format("false", "something else")), 1, "does not say")

    def test_words_that_come_late_are_caught(self):
        self.assertIsNone(run_case.judge(1, "a\n" * 5 + "x: error: qeval: in time\n", "qeval: in time"))
        wrong = run_case.judge(1, "a\n" * 6 + "x: error: qeval: late\n", "qeval: late")
        self.assertIn("comes later", wrong)

    def test_a_twin_that_does_not_compile_is_caught(self):
        self.expect(case(ASSERT.format("false", "say what to write"), twin="int right\n"), 1, "must-compile twin")

    def test_a_variant_without_expectation_is_caught(self):
        self.expect("#if QEVAL_FAIL == 1\nint x\n#endif\n", 1, "has no expectation")

    def test_an_expectation_of_one_compiler_wins(self):
        text = "// expected-error-1: a\n// expected-error-1[clang]: b\n#if QEVAL_FAIL == 1\n#endif\n"
        self.assertEqual(run_case.read_expectations(text, "clang"), ({1: "b"}, {1}))
        self.assertEqual(run_case.read_expectations(text, "gcc"), ({1: "a"}, {1}))


if __name__ == "__main__":
    COMPILER = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])
