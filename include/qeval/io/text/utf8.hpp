// Is this text UTF-8? Overlong forms, surrogates and values above U+10FFFF are not (RFC 3629).
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <qeval/core/error.hpp>

namespace qeval {

// Where the first ill-formed sequence begins, or nullopt.
[[nodiscard]] constexpr std::optional<std::size_t> first_bad_utf8(std::string_view text) {
    auto const at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    for (std::size_t i = 0; i < text.size();) {
        unsigned const lead = at(i);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        std::size_t const length = lead >= 0xc2 && lead <= 0xdf   ? 2
                                   : lead >= 0xe0 && lead <= 0xef ? 3
                                   : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                                  : 0;
        if (length == 0 || length > text.size() - i) return i;
        unsigned const low  = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80; // of the second byte
        unsigned const high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (at(i + 1) < low || at(i + 1) > high) return i;
        for (std::size_t k = 2; k < length; ++k) {
            if (at(i + k) < 0x80 || at(i + k) > 0xbf) return i;
        }
        i += length;
    }
    return std::nullopt;
}

// A file of a data set that is read as a whole.
inline void refuse_bad_utf8(std::string_view text, std::string const& file) {
    auto const bad = first_bad_utf8(text);
    if (!bad) return;
    auto const from = text.begin() + static_cast<std::ptrdiff_t>(*bad);
    auto const line = std::count(text.begin(), from, '\n') + 1;
    bool const torn = std::none_of(
        from, text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }); // within the last character
    throw file_error{{"DS07", file + " @ byte " + std::to_string(*bad) + ", line " + std::to_string(line),
                      "bytes that are not UTF-8", "UTF-8",
                      torn ? "an incomplete download" : "a file in another encoding"}};
}

// Editors of some systems write it before a text, of which it is no part.
[[nodiscard]] constexpr std::string_view without_byte_order_mark(std::string_view text) {
    return text.substr(text.starts_with("\xef\xbb\xbf") ? 3 : 0);
}

} // namespace qeval
