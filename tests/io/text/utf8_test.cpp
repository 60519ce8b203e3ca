#include <string>

#include <qeval/io/text/utf8.hpp>

#include "tests/support/catch.hpp"

namespace {

// By the definition: decode by length, then refuse overlong forms, surrogates and what lies above U+10FFFF.
bool is_utf8(std::string const& s) {
    for (std::size_t i = 0; i < s.size();) {
        auto const        at = [&](std::size_t k) { return unsigned(static_cast<unsigned char>(s[k])); };
        unsigned const    b  = at(i);
        std::size_t const n  = b < 0x80 ? 1 : (b >> 5) == 6 ? 2 : (b >> 4) == 14 ? 3 : (b >> 3) == 30 ? 4 : 0;
        if (n == 0 || i + n > s.size()) return false;
        unsigned value = n == 1 ? b : b & (0x7fu >> n);
        for (std::size_t k = 1; k < n; ++k) {
            if ((at(i + k) >> 6) != 2) return false;
            value = value << 6 | (at(i + k) & 63u);
        }
        unsigned const least[] = {0, 0, 0x80, 0x800, 0x10000};
        if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return false;
        i += n;
    }
    return true;
}

} // namespace

TEST_CASE("every sequence of up to three bytes, and the edges of four, are judged as RFC 3629 says") {
    std::size_t different = 0;
    for (unsigned v = 0; v < (1u << 24); v += (v & 0xffff00u) < 0xc00000u ? 0x101 : 1) { // dense where leads are
        std::string const s = {char(v >> 16), char(v >> 8), char(v)};
        different += qeval::first_bad_utf8(s).has_value() == is_utf8(s);
    }
    for (unsigned lead = 0xef; lead < 0x100; ++lead) {
        for (unsigned second = 0; second < 0x100; ++second) {
            for (unsigned tail : {0x7fu, 0x80u, 0xbfu, 0xc0u}) {
                std::string const s = {'a', char(lead), char(second), char(tail), char(0x80)};
                different += qeval::first_bad_utf8(s).has_value() == is_utf8(s);
            }
        }
    }
    CHECK(different == 0);
    CHECK(qeval::first_bad_utf8("ab\xc3\xa9\xff") == std::size_t{4});
    CHECK(qeval::first_bad_utf8("ab\xe2\x82") == std::size_t{2});
    CHECK_FALSE(qeval::first_bad_utf8("").has_value());
}
