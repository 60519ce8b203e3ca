#include <random>
#include <string>

#include <qeval/io/text/code_point.hpp>
#include <qeval/io/text/utf8.hpp>

#include "tests/support/catch.hpp"

using namespace qeval;

TEST_CASE("every scalar value survives UTF-8, and surrogates do not exist in it") {
    std::size_t wrong = 0;
    for (char32_t c = 0; c <= 0x10ffff; ++c) {
        std::string text;
        append_utf8(text, c);
        auto const d         = decode_utf8(text, 0);
        bool const surrogate = c >= 0xd800 && c < 0xe000;
        if (surrogate ? d.valid : !(d.valid && d.value == c && d.length == text.size())) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("every byte of a character leads back to where it begins") {
    std::string const text = "a\xc3\xa9\xe2\x96\x81\xf0\x9f\x98\x80z";
    for (std::size_t at = 0, length = 0; at < text.size(); at += length) {
        length = decode_utf8(text, at).length;
        for (std::size_t i = at; i < at + length; ++i) {
            CHECK(start_of_utf8(text, i) == at);
            CHECK(continues_utf8(text[i]) == (i > at));
        }
    }
    CHECK(start_of_utf8(text, text.size()) == text.size());
    CHECK(start_of_utf8("\x80\x80", 1) == 0); // what begins nowhere ends at the text's beginning
}

TEST_CASE("ill-formed sequences are one byte long and invalid") {
    for (std::string const text :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82",
          "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
        INFO(int(static_cast<unsigned char>(text[0])));
        auto const c = decode_utf8(text, 0);
        CHECK_FALSE(c.valid);
        CHECK(c.length == 1);
    }
}

TEST_CASE("escaping bytes gives UTF-8 and loses nothing") {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        for (auto n = random() % 40; n > 0; --n) {
            if (random() % 3 == 0)
                text += static_cast<char>(random() & 0xff);
            else
                append_utf8(text, random() % 2 == 0 ? U'a' : static_cast<char32_t>(escaped_byte_base + random() % 256));
        }
        auto const escaped = escape_bytes(text);
        REQUIRE_FALSE(first_bad_utf8(escaped));
        std::string back;
        for (std::size_t at = 0; at < escaped.size();) {
            auto const c = decode_utf8(escaped, at);
            back += bytes_at(escaped, at, c, true);
            at += c.length;
        }
        REQUIRE(back == text);
    }
}

TEST_CASE("decoding agrees with the search for ill-formed UTF-8") {
    std::mt19937 random(8);
    for (int round = 0; round < 20000; ++round) {
        std::string text;
        for (auto n = random() % 6; n > 0; --n) text += static_cast<char>(0x7e + random() % 0x82);
        bool bad = false;
        for (std::size_t at = 0; at < text.size();) {
            auto const c = decode_utf8(text, at);
            bad          = bad || !c.valid;
            at += c.length;
        }
        REQUIRE(bad == first_bad_utf8(text).has_value());
    }
}
