// Also tests archive_reader.hpp.
#include <string>

#include <qeval/io/data/bzip2.hpp>

#include "tests/io/data/packed.hpp"
#include "tests/io/hostile.hpp"

namespace {

using namespace qeval_test;

std::string unpacked(std::string const& bytes, std::uint64_t limit = 1 << 26) {
    return qeval::bunzip2(bytes, "d.bz2", limit);
}

} // namespace

TEST_CASE("bzip2 texts of any size come out as they went in") {
    check_any_size(bzipped, [](std::string const& bytes) { return unpacked(bytes); });
}
TEST_CASE("several bzip2 streams are one text; anything else after one is refused") {
    CHECK(unpacked(bzipped("ab") + bzipped("") + bzipped("cd")) == "abcd");
    check_refused([&] { (void)unpacked(bzipped("ab") + "garbage"); },
                  {"DS09", "d.bz2", "7 bytes after the end", "only"});
    check_refused([&] { (void)unpacked(bzipped("ab") + std::string(100, '\0')); },
                  {"DS09", "d.bz2", "100 bytes", "only"});
}
TEST_CASE("a bzip2 file that breaks off anywhere is refused") {
    std::string const whole = bzipped(sentence), two = whole + bzipped("more");
    for (std::size_t size = 0; size < two.size(); ++size) {
        if (size == whole.size()) continue;
        INFO(size);
        CHECK_THROWS_AS(unpacked(two.substr(0, size)), qeval::file_error);
    }
}
TEST_CASE("a bzip2 file with a changed bit is refused or unchanged, never another text") {
    check_changed_bits(bzipped(sentence), 0, sentence, [](std::string const& bytes) { return unpacked(bytes); });
}
TEST_CASE("a bzip2 bomb is refused at the limit") {
    std::string const bomb = bzipped(std::string(1 << 24, '\0'));
    CHECK(bomb.size() < 20000);
    check_refused([&] { (void)unpacked(bomb, 1 << 20); }, {"DS09", "d.bz2", "more than 1048576 bytes", "", "bomb"});
}
