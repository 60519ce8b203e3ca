// Is this text UTF-8? Overlong forms, surrogates and values above U+10FFFF are not (RFC 3629).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

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

} // namespace qeval
