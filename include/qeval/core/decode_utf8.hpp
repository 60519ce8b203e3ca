// Characters of a UTF-8 text: where one begins, and which it is.
#pragma once

#include <cstddef>
#include <string_view>

namespace qeval {

// One decoded position of a text; `length` is 1 where the byte is no UTF-8, so that a loop always advances.
struct code_point {
    char32_t    value  = 0;
    std::size_t length = 1;
    bool        valid  = false;
};

// Whether a byte goes on with a character that begins before it.
[[nodiscard]] constexpr bool continues_utf8(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// Where the character begins that the byte at `at` is a part of. A place behind the text's end is its own.
[[nodiscard]] constexpr std::size_t start_of_utf8(std::string_view text, std::size_t at) {
    while (at > 0 && at < text.size() && continues_utf8(text[at])) --at;
    return at;
}

// Refuses overlong forms, surrogates and values beyond U+10FFFF (Unicode 15, table 3-7). Needs at < text.size().
[[nodiscard]] constexpr code_point decode_utf8(std::string_view text, std::size_t at) {
    auto const     byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    char32_t const lead = byte(0);
    if (lead < 0x80) return {lead, 1, true};
    std::size_t const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || length > text.size() - at) return {};
    char32_t value = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if (!continues_utf8(text[at + i])) return {};
        value = value << 6 | (byte(i) & 0x3fU);
    }
    if ((length == 3 && value < 0x800) || (length == 4 && (value < 0x10000 || value > 0x10ffff))) return {};
    if (value >= 0xd800 && value < 0xe000) return {};
    return {value, length, true};
}

} // namespace qeval
