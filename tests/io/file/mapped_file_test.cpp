// Also tests sigbus.hpp.
#include <memory>
#include <span>
#include <string>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <qeval/io/file/mapped_file.hpp>

#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;

std::string text_of(std::span<std::byte const> bytes) {
    return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

} // namespace

TEST_CASE("a file is read in parts, mapped and copied with the same result") {
    scratch const dir;
    put_file(dir / "f", "0123456789");
    for (auto const access : {qeval::file_access::map, qeval::file_access::read}) {
        qeval::mapped_file f(dir / "f", access);
        CHECK(f.size() == 10);
        CHECK(f.read_text(3, 4) == "3456");
        CHECK(f.read_text(10, 0).empty());
        CHECK(text_of(f.bytes()) == "0123456789");
        auto const* const  where = f.bytes().data();
        qeval::mapped_file moved(std::move(f));
        CHECK(moved.bytes().data() == where);
    }
    put_file(dir / "empty", "");
    CHECK(qeval::mapped_file(dir / "empty").bytes().empty());
}
TEST_CASE("what is no regular file, or no file, is rejected without waiting for it") {
    scratch const dir;
    check_refused([&] { qeval::mapped_file(dir / "none"); }, {"IO01", "none", "No such file", "a readable file"});
    check_refused([&] { qeval::mapped_file(dir.path()); }, {"IX06", "", "a directory", "a regular file"});
    check_refused([] { qeval::mapped_file("/dev/null"); }, {"IX06", "/dev/null", "a device", ""});
    REQUIRE(::mkfifo((dir / "fifo").c_str(), 0600) == 0);
    check_refused([&] { qeval::mapped_file(dir / "fifo"); }, {"IX06", "fifo", "a FIFO", ""});
}
TEST_CASE("a read beyond the end is rejected, also where offset plus length wraps") {
    scratch const dir;
    put_file(dir / "f", "0123456789");
    qeval::mapped_file const f(dir / "f");
    check_refused([&] { (void)f.read_text(8, 3); }, {"IO02", "f @ byte 8", "10 bytes", "3 more bytes", "incomplete"});
    check_refused([&] { (void)f.read_text(~std::uint64_t{0}, 2); }, {"IO02", "f @ byte 18446744073709551615", "", ""});
    check_refused([&] { (void)f.read_text(1, ~std::uint64_t{0}); }, {"IO02", "f @ byte 1", "", ""});
}
TEST_CASE("a file that changed between its header and its data is rejected") {
    scratch const dir;
    put_file(dir / "f", "0123456789");
    qeval::mapped_file f(dir / "f");
    std::filesystem::resize_file(dir / "f", 5);
    check_refused([&] { (void)f.bytes(); }, {"IO03", "f", "5 bytes now", "10 bytes", "download"});
    check_refused([&] { (void)f.read_text(6, 2); }, {"IO02", "f @ byte 6", "", ""}); // the cut is met by pread, too
}
TEST_CASE("the bytes of a file stay valid as long as somebody keeps its memory, mapped or read") {
    scratch const dir;
    put_file(dir / "f", "some bytes");
    for (auto access : {qeval::file_access::map, qeval::file_access::read}) {
        std::span<std::byte const>  bytes;
        std::shared_ptr<void const> memory;
        {
            qeval::mapped_file first(dir / "f", access);
            qeval::mapped_file file(std::move(first));
            bytes  = file.bytes();
            memory = file.memory();
            CHECK(memory.use_count() == 2);
        }
        CHECK(memory.use_count() == 1);
        CHECK(std::string(reinterpret_cast<char const*>(bytes.data()), bytes.size()) == "some bytes");
    }
}
TEST_CASE("control bytes of a path are escaped in messages") {
    CHECK(qeval::display_name("a/b c") == "a/b c");
    CHECK(qeval::display_name("a\x1b[31m\n") == "\"a\\x1b[31m\\x0a\"");
    check_refused([] { qeval::mapped_file("no\nsuch"); }, {"IO01", "\"no\\x0asuch\"", "", ""});
}
TEST_CASE("a Git LFS pointer is told from a small file that begins otherwise") {
    scratch const dir;
    put_file(dir / "p", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n");
    put_file(dir / "q", "version 2");
    CHECK(qeval::is_lfs_pointer(qeval::mapped_file(dir / "p")));
    CHECK_FALSE(qeval::is_lfs_pointer(qeval::mapped_file(dir / "q")));
}
TEST_CASE("a mapped file that is cut ends the program with exit code 3 and its name, not with a bare signal") {
    scratch const dir;
    put_file(dir / "model.bin", std::string(1 << 16, 'x'));
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    pid_t const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        ::dup2(ends[1], STDERR_FILENO);
        qeval::report_sigbus();
        qeval::mapped_file f(dir / "model.bin");
        auto const         bytes = f.bytes();
        ::_exit(::truncate((dir / "model.bin").c_str(), 0) == 0 ? int(bytes[1 << 15]) : 100); // touches what is gone
    }
    ::close(ends[1]);
    std::string said;
    char        part[512];
    for (ssize_t n = 0; (n = ::read(ends[0], part, sizeof part)) > 0;) said.append(part, std::size_t(n));
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 3);
    CHECK_THAT(said, Catch::Contains("error[IO03]") && Catch::Contains("model.bin") && Catch::Contains("--no-mmap"));
}
