#include <set>
#include <string>

#include <qeval/io/text/unicode.hpp>

#include "tests/support/catch.hpp"

using namespace qeval;

TEST_CASE("white space is the White_Space property") {
    std::set<char32_t> const expected{9,      10,     11,     12,     13,     0x20,   0x85,   0xa0,   0x1680,
                                      0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008,
                                      0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
    std::set<char32_t>       found;
    for (char32_t c = 0; c <= 0x10ffff; ++c) {
        if (is_space(c)) found.insert(c);
    }
    CHECK(found == expected);
}

TEST_CASE("normal forms compose, decompose and fold compatibility characters") {
    CHECK(normalized("e\xcc\x81", unicode_form::nfc) == "\xc3\xa9");
    CHECK(normalized("\xc3\xa9", unicode_form::nfd) == "e\xcc\x81");
    CHECK(normalized("\xef\xac\x81", unicode_form::nfc) == "\xef\xac\x81"); // the ligature fi
    CHECK(normalized("\xef\xac\x81", unicode_form::nfkc) == "fi");
    CHECK(normalized("\xe2\x84\xab", unicode_form::nfkd) == "A\xcc\x8a");                           // the angstrom sign
    CHECK(normalized("\xea\xb0\x81", unicode_form::nfd) == "\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8"); // a Hangul syllable
    CHECK(normalized(std::string("a\0b", 3), unicode_form::nfc) == std::string("a\0b", 3));
    CHECK(normalized("", unicode_form::nfkc).empty());
}

TEST_CASE("lower case maps letters of every script, the dotted capital I to two characters") {
    CHECK(lowercased("\xc3\x84Z\xce\xa3\xd0\x96 1") == "\xc3\xa4z\xcf\x83\xd0\xb6 1");
    CHECK(lowercased("\xc4\xb0") == "i\xcc\x87");
    CHECK(lowercased("\xc3\x9f") == "\xc3\x9f");
}

TEST_CASE("letters, marks, digits and connectors make words") {
    for (char32_t const c : {U'a', U'Z', U'_', U'7', U'\u00e9', U'\u0301', U'\u0661', U'\u4e16', U'\u203f', U'\u200d'})
        CHECK(is_word(c));
    for (char32_t const c : {U' ', U'-', U'.', U'\u00bd', U'\u2028', U'\U0001f600', U'\u00a0'}) CHECK_FALSE(is_word(c));
}
