// What was read under a guard is not written over, by any writer and by any name.
#include <string>

#include <tests/support/catch.hpp>

#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/io/file/mapped_file.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;
namespace fs = std::filesystem;

void read(fs::path const& file) { (void)qeval::mapped_file(file).size(); }

} // namespace

TEST_CASE("a file that was read cannot be replaced or removed, however it is named") {
    scratch const dir;
    put_file(dir / "model", "weights");
    fs::create_symlink(dir / "model", dir / "symbolic");
    fs::create_hard_link(dir / "model", dir / "hard");
    fs::create_directory(dir / "folder");
    qeval::input_guard const guard;
    read(dir / "model");
    for (fs::path const& name : {dir / "model", dir / "symbolic", dir / "hard", dir / "folder" / ".." / "model"}) {
        INFO(name.string());
        CHECK(qeval::input_guard::is_input(name));
        CHECK_THROWS_WITH(qeval::write_file(name, "other"),
                          Catch::Contains("CL06") && Catch::Contains("a file that this command reads"));
        CHECK_THROWS_AS(qeval::remove_file(name), qeval::usage_error);
    }
    CHECK_THROWS_WITH(qeval::input_guard::refuse_output(dir / "model", "--csv"), Catch::Contains("--csv \""));
    CHECK(get_file(dir / "model") == "weights");
    CHECK_NOTHROW(qeval::write_file(dir / "folder" / "model", "other"));
    CHECK_NOTHROW(qeval::input_guard::refuse_output(dir / "nowhere"));
    CHECK_NOTHROW(qeval::input_guard::refuse_output(""));
}

TEST_CASE("an input whose name looks like an unfinished file is kept") {
    scratch const dir;
    for (char const* name : {"read.tmp-12-0", "left.tmp-12-0"}) put_file(dir / name, "x");
    qeval::input_guard const guard;
    read(dir / "read.tmp-12-0");
    qeval::remove_unfinished_files(dir.path());
    CHECK(fs::exists(dir / "read.tmp-12-0"));
    CHECK_FALSE(fs::exists(dir / "left.tmp-12-0"));
}

TEST_CASE("files are remembered while a guard exists, and no longer") {
    scratch const dir;
    put_file(dir / "a", "1");
    read(dir / "a"); // before any guard
    CHECK_NOTHROW(qeval::write_file(dir / "a", "2"));
    {
        qeval::input_guard const outer;
        {
            qeval::input_guard const inner;
            qeval::input_guard::remember(dir / "a");
            qeval::input_guard::remember(dir / "nowhere");
        }
        CHECK_THROWS_AS(qeval::write_file(dir / "a", "3"), qeval::usage_error);
    }
    CHECK_NOTHROW(qeval::write_file(dir / "a", "4"));
    CHECK(get_file(dir / "a") == "4");
}
