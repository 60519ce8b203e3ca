#include <string>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <qeval/io/file/atomic_file.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;
namespace fs = std::filesystem;

std::size_t entries(fs::path const& dir) {
    return std::size_t(std::distance(fs::directory_iterator(dir), fs::directory_iterator()));
}

} // namespace

TEST_CASE("a committed file holds what was written, whatever the size of the pieces") {
    scratch const dir;
    std::string   whole;
    {
        qeval::atomic_file f(dir / "out");
        for (std::size_t n :
             {std::size_t{1}, std::size_t{1 << 19}, std::size_t{3 << 20}, std::size_t{7}, std::size_t{1 << 20}}) {
            std::string const piece(n, char('a' + n % 26));
            f.write(piece);
            whole += piece;
        }
        CHECK_FALSE(fs::exists(dir / "out")); // nothing before commit
        f.commit();
    }
    CHECK(get_file(dir / "out") == whole);
    CHECK(entries(dir.path()) == 1);
}
TEST_CASE("a file that is not committed leaves the old one and no draft") {
    scratch const dir;
    qeval::write_file(dir / "out", "old");
    {
        qeval::atomic_file f(dir / "out");
        f.write("new");
    }
    CHECK(get_file(dir / "out") == "old");
    CHECK(entries(dir.path()) == 1);
    qeval::write_file(dir / "out", "new");
    CHECK(get_file(dir / "out") == "new");
}
TEST_CASE("a directory that does not exist is an error of the environment") {
    scratch const dir;
    try {
        qeval::write_file(dir / "none/out", "x");
        FAIL("accepted");
    } catch (qeval::environment_error const& e) {
        CHECK(e.id() == "IO05");
        CHECK_THAT(e.why().place, Catch::Contains("none/out, open"));
    }
}
TEST_CASE("a full disk is a clean error and leaves nothing behind") {
    scratch const dir;
    // /dev/full cannot be renamed over, so the disk is filled by a limit on file size, in a child of its own
    pid_t const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        rlimit const limit{1 << 16, 1 << 16};
        ::signal(SIGXFSZ, SIG_IGN);
        ::setrlimit(RLIMIT_FSIZE, &limit);
        try {
            qeval::write_file(dir / "out", std::string(1 << 20, 'x'));
            ::_exit(1);
        } catch (qeval::environment_error const& e) {
            ::_exit(e.id() == "IO05" ? 0 : 2);
        } catch (...) {
            ::_exit(3);
        }
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
    CHECK(entries(dir.path()) == 0);
}
