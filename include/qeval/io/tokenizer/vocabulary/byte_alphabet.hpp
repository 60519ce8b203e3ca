// The alphabet of byte-level vocabularies: every byte is written as one visible character (GPT-2's bytes_to_unicode).
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <qeval/io/text/code_point.hpp>

namespace qeval {

// Bytes that Latin-1 shows as a visible character stand for themselves; the k-th of the others is U+0100 + k.
inline constexpr std::array<char32_t, 256> byte_alphabet = [] {
    std::array<char32_t, 256> letters{};
    char32_t                  next = 0x100;
    for (char32_t b = 0; b < 256; ++b) {
        bool const visible = (b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
        letters[b]         = visible ? b : next++;
    }
    return letters;
}();

inline constexpr std::array<short, 0x144> byte_of_letter = [] { // -1: no letter of the alphabet
    std::array<short, 0x144> bytes{};
    for (auto& b : bytes) b = -1;
    for (std::size_t b = 0; b < 256; ++b) bytes[byte_alphabet[b]] = static_cast<short>(b);
    return bytes;
}();

[[nodiscard]] inline std::string byte_letters(std::string_view bytes) {
    std::string out;
    for (char const b : bytes) append_utf8(out, byte_alphabet[static_cast<unsigned char>(b)]);
    return out;
}

// The bytes that a piece of a byte-level vocabulary spells, or nullopt where it has a character outside the alphabet.
[[nodiscard]] inline std::optional<std::string> bytes_of_letters(std::string_view piece) {
    std::string out;
    for (std::size_t at = 0; at < piece.size();) {
        auto const c = decode_utf8(piece, at);
        if (!c.valid || c.value >= byte_of_letter.size() || byte_of_letter[c.value] < 0) return std::nullopt;
        out += static_cast<char>(static_cast<unsigned char>(byte_of_letter[c.value]));
        at += c.length;
    }
    return out;
}

} // namespace qeval
