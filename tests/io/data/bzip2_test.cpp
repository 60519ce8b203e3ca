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
std::string const sentence = "some text that is long enough to be compressed, compressed, compressed";

} // namespace

TEST_CASE("bzip2 texts of any size come out as they went in") {
    for (std::size_t const size : {0, 1, 1000, 65536, 1 << 20, (1 << 20) + 3}) {
        std::string text(size, '\0');
        for (std::size_t i = 0; i < size; ++i) text[i] = char(i >> 9);
        CHECK(unpacked(bzipped(text)) == text);
    }
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
    std::string const whole = bzipped(sentence);
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string broken = whole;
            broken[at]         = char(broken[at] ^ (1 << bit));
            try {
                std::string const out = unpacked(broken);
                CHECK(out == sentence);
            } catch (qeval::file_error const& e) {
                CHECK(e.id() == "DS09");
            }
        }
    }
}
TEST_CASE("a bzip2 bomb is refused at the limit") {
    std::string const bomb = bzipped(std::string(1 << 24, '\0'));
    CHECK(bomb.size() < 20000);
    check_refused([&] { (void)unpacked(bomb, 1 << 20); }, {"DS09", "d.bz2", "more than 1048576 bytes", "", "bomb"});
}
