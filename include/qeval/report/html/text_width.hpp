// How wide a browser draws a label of 12 px, at most: its fonts are not known here.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <qeval/core/decode_utf8.hpp>

namespace qeval::html {

// In pixels. Letters as in DejaVu Sans, of which other sans-serif fonts of screens are narrower; what is not ASCII may
// be as wide as it is high.
[[nodiscard]] inline double text_width(std::string_view text) {
    constexpr std::string_view narrow = " .,:;'|!()[]/\\-ijlIfrt\"*", wide = "mMwW@%&";
    double                     width = 0;
    for (std::size_t i = 0; i < text.size();) {
        auto const c = decode_utf8(text, i);
        char const a = text[i];
        width += c.value >= 0x80 || !c.valid                                                                      ? 12
                 : narrow.find(a) != narrow.npos                                                                  ? 5
                 : wide.find(a) != wide.npos                                                                      ? 12
                 : (a >= 'A' && a <= 'Z') || a == '~' || a == '+' || a == '=' || a == '#' || a == '<' || a == '>' ? 10
                                                                                                                  : 7.7;
        i += c.length;
    }
    return width;
}

// As much of the text as that width has, the last character an ellipsis where something is left out.
[[nodiscard]] inline std::string fitted(std::string_view text, double width) {
    if (text_width(text) <= width) return std::string(text);
    std::size_t end = 0;
    for (std::size_t next = 0; next < text.size();) {
        next += decode_utf8(text, next).length;
        if (text_width(text.substr(0, next)) + 12 > width) break;
        end = next;
    }
    return std::string(text.substr(0, end)) + "…";
}

} // namespace qeval::html
