// Bytes that are spelled in base64 (RFC 4648, the standard alphabet).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qeval {

// nullopt where the text is none: another character, padding elsewhere than at the end, a length that no bytes have.
[[nodiscard]] inline std::optional<std::string> bytes_of_base64(std::string_view text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    std::string   out;
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto digit = digits.find(text[i]);
        if (i + padding >= text.size()) digit = 0;
        if (digit == digits.npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        if (i % 4 != 3) continue;
        for (int shift = 16; shift >= 0; shift -= 8)
            out += static_cast<char>(static_cast<unsigned char>(bits >> shift));
        bits = 0;
    }
    if (padding > out.size()) return std::nullopt;
    out.resize(out.size() - padding);
    return out;
}

} // namespace qeval
