// One writer per folder, told apart by what the kernel knows of processes, not by files that are left behind.
// Also tests this_process.hpp.
#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include <sys/wait.h>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <unistd.h>

#include <qeval/io/file/folder_lock.hpp>

namespace {

using qeval_test::scratch;

// A child that holds the lock until it is killed.
struct holder {
    pid_t pid = -1;

    holder(std::filesystem::path const& folder, std::string_view part) {
        int ready[2];
        REQUIRE(::pipe(ready) == 0);
        pid = ::fork();
        if (pid == 0) {
            qeval::folder_lock const lock(folder, part);
            (void)!::write(ready[1], "x", 1);
            for (;;) ::pause();
        }
        ::close(ready[1]);
        char told = 0;
        REQUIRE(::read(ready[0], &told, 1) == 1);
        ::close(ready[0]);
    }
    void kill() {
        if (pid < 0) return;
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        pid = -1;
    }
    ~holder() { kill(); }
};

} // namespace

TEST_CASE("a second writer of a folder is refused and told who holds it, until that process is gone, killed or not") {
    scratch const dir;
    {
        holder other(dir.path(), "");
        CHECK_THROWS_WITH(qeval::folder_lock(dir.path()),
                          Catch::Contains("IO07") && Catch::Contains("pid " + std::to_string(other.pid) + " on ") &&
                              Catch::Contains("since 20"));
        CHECK_THROWS_AS(qeval::folder_lock(dir.path()), qeval::environment_error);
        CHECK_THROWS_WITH(qeval::folder_lock(dir.path(), "1-of-2"), Catch::Contains("IO07"));
        other.kill();
        CHECK(std::filesystem::exists(dir / "writer.lock")); // what the dead left does not count
        CHECK_NOTHROW(qeval::folder_lock(dir.path()));
    }
    std::optional<qeval::folder_lock> mine(std::in_place, dir.path());
    std::ifstream                     file(dir / "writer.lock");
    CHECK(std::string{std::istreambuf_iterator<char>(file), {}} == qeval::this_process() + "\n");
    CHECK_THROWS_WITH(qeval::folder_lock(dir.path()), Catch::Contains("pid " + std::to_string(::getpid())));
    mine.reset();
    CHECK(std::filesystem::is_empty(dir.path()));
}

TEST_CASE("different parts may be written beside each other, the same part and the whole may not") {
    scratch const      dir;
    holder             first(dir.path(), "1-of-2");
    qeval::folder_lock second(dir.path(), "2-of-2");
    CHECK_THROWS_WITH(qeval::folder_lock(dir.path(), "1-of-2"),
                      Catch::Contains("pid " + std::to_string(first.pid) + " on "));
    CHECK_THROWS_WITH(qeval::folder_lock(dir.path()), Catch::Contains("IO07") && Catch::Contains("pid "));
    CHECK(!std::filesystem::exists(dir / "writer.lock")); // who was refused leaves nothing
    first.kill();
    CHECK_NOTHROW(qeval::folder_lock(dir.path(), "1-of-2"));
    CHECK_THROWS_AS(qeval::folder_lock(dir / "nowhere"), qeval::environment_error);
}
