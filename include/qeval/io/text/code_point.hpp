// Characters of a UTF-8 text one by one, and a reversible spelling as UTF-8 of bytes that are none.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <qeval/core/decode_utf8.hpp>

namespace qeval {

inline void append_utf8(std::string& out, char32_t c) {
    auto const put = [&](char32_t bits) { out += static_cast<char>(static_cast<unsigned char>(bits)); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
    } else {
        put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
    }
}

// A text with bytes that are no UTF-8 travels through regular expressions and normalizers in an escaped form: each such
// byte is the private-use character U+10FE00 + byte, and so is each byte of real characters of that range.
inline constexpr char32_t escaped_byte_base = 0x10fe00;

[[nodiscard]] inline std::optional<unsigned char> escaped_byte(char32_t c) {
    if (c < escaped_byte_base || c > escaped_byte_base + 0xff) return std::nullopt;
    return static_cast<unsigned char>(c - escaped_byte_base);
}

[[nodiscard]] inline std::string escape_bytes(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 4);
    for (std::size_t at = 0; at < text.size();) {
        auto const c = decode_utf8(text, at);
        if (c.valid && !escaped_byte(c.value)) {
            out.append(text, at, c.length);
        } else {
            for (std::size_t i = 0; i < c.length; ++i) {
                append_utf8(out, escaped_byte_base + static_cast<unsigned char>(text[at + i]));
            }
        }
        at += c.length;
    }
    return out;
}

// The bytes that the character at `at` stands for in a text that is escaped or not.
[[nodiscard]] inline std::string bytes_at(std::string_view text, std::size_t at, code_point const& c, bool escaped) {
    auto const byte = escaped ? escaped_byte(c.value) : std::nullopt;
    return byte ? std::string(1, static_cast<char>(*byte)) : std::string(text.substr(at, c.length));
}

} // namespace qeval
