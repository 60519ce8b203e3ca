// What Python's str.encode("utf-8") says of a text with surrogates, which it refuses. A program with one is no program.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace qeval {

// The text of the UnicodeEncodeError; nothing where there is none. A surrogate in `text` is the three bytes that UTF-8
// forbids. Positions are those of characters, counted from the beginning of `before`.
[[nodiscard]] inline std::optional<std::string> python_encode_error(std::string_view before, std::string_view text) {
    auto const byte         = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    auto const is_surrogate = [&](std::size_t i) { return byte(i) == 0xed && byte(i + 1) >= 0xa0; };
    auto const characters   = [](std::string_view s) {
        return std::count_if(s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    };
    std::size_t at = 0, count = 0;
    while (at < text.size() && !is_surrogate(at)) ++at;
    if (at == text.size()) return std::nullopt;
    while (is_surrogate(at + 3 * count)) ++count;
    std::size_t const first =
        static_cast<std::size_t>(characters(before)) + static_cast<std::size_t>(characters(text.substr(0, at)));
    std::string what = "characters in position " + std::to_string(first) + "-" + std::to_string(first + count - 1);
    if (count == 1) {
        constexpr char hex[] = "0123456789abcdef";
        unsigned const low   = (byte(at + 1) & 0x3fu) << 6 | (byte(at + 2) & 0x3fu);
        what = std::string("character '\\ud") + hex[low >> 8] + hex[low >> 4 & 15] + hex[low & 15] + "' in position " +
               std::to_string(first);
    }
    return "'utf-8' codec can't encode " + what + ": surrogates not allowed";
}

} // namespace qeval
