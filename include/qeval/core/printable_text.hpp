// What of a text from outside may stand in a message as it is.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <qeval/core/decode_utf8.hpp>

namespace qeval {

// Not the characters that show nothing, or change how what is around them is shown: controls, formats (the direction of
// writing among them), separators of lines, private use, and what is no character (Unicode 15: Cc, Cf, Zl, Zp, Co).
[[nodiscard]] constexpr bool is_printable(char32_t c) {
    struct range {
        char32_t first, last;
    };
    constexpr std::array<range, 27> hidden = {
        {{0, 0x1f},           {0x7f, 0x9f},       {0xad, 0xad},       {0x600, 0x605},     {0x61c, 0x61c},
         {0x6dd, 0x6dd},      {0x70f, 0x70f},     {0x890, 0x891},     {0x8e2, 0x8e2},     {0x180e, 0x180e},
         {0x200b, 0x200f},    {0x2028, 0x202e},   {0x2060, 0x206f},   {0xe000, 0xf8ff},   {0xfdd0, 0xfdef},
         {0xfeff, 0xfeff},    {0xfff9, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd},
         {0x13430, 0x1343f},  {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0001, 0xe0001}, {0xe0020, 0xe007f},
         {0xf0000, 0x10ffff}, {0xd800, 0xdfff}}};
    return (c & 0xfffe) != 0xfffe &&
           std::none_of(hidden.begin(), hidden.end(), [&](range r) { return c >= r.first && c <= r.last; });
}

// Each byte as \xNN.
[[nodiscard]] inline std::string escaped_bytes(std::string_view bytes) {
    constexpr char hex[] = "0123456789abcdef";
    std::string    out;
    for (char const byte : bytes) {
        auto const c = static_cast<unsigned char>(byte);
        out += {'\\', 'x', hex[c >> 4], hex[c & 15]};
    }
    return out;
}

// A message for a terminal that shows ASCII alone.
[[nodiscard]] inline std::string ascii_message(std::string_view message) {
    std::string out;
    for (char const& c : message)
        static_cast<unsigned char>(c) < 0x80 ? out.push_back(c) : void(out += escaped_bytes({&c, 1}));
    return out;
}

} // namespace qeval
