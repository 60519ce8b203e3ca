#include <string>

#include <qeval/io/data/gzip.hpp>

#include "tests/io/data/packed.hpp"
#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;

std::string unpacked(std::string const& bytes, std::uint64_t limit = 1 << 26) {
    return qeval::gunzip(bytes, "d.gz", limit);
}

} // namespace

TEST_CASE("gzip members of any size come out as they went in") {
    check_any_size(gzipped, [](std::string const& bytes) { return unpacked(bytes); });
}
TEST_CASE("several gzip members are one text; zeros may follow") {
    CHECK(unpacked(gzipped("ab") + gzipped("") + gzipped("cd")) == "abcd");
    CHECK(unpacked(gzipped("ab") + std::string(100, '\0')) == "ab");
}
TEST_CASE("a gzip file that breaks off anywhere is refused") {
    std::string const whole = gzipped(sentence);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CHECK_THROWS_AS(unpacked(whole.substr(0, size)), qeval::file_error);
    }
    check_refused([&] { (void)unpacked(whole.substr(0, whole.size() - 9)); },
                  {"DS09", "d.gz", "breaks off", "complete", "download"});
}
TEST_CASE("a gzip file with a changed byte in data, length or checksum is refused or unchanged, never another text") {
    check_changed_bits(gzipped(sentence), 10, sentence, [](std::string const& bytes) { return unpacked(bytes); });
}
TEST_CASE("a decompression bomb is refused at the limit") {
    std::string const bomb = gzipped(std::string(1 << 24, '\0'));
    CHECK(bomb.size() < 20000);
    check_refused([&] { (void)unpacked(bomb, 1 << 20); }, {"DS09", "d.gz", "more than 1048576 bytes", "", "bomb"});
}
