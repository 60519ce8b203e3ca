// Rank files made in tests: tiktoken's lines and Mistral's tekken.json.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/io/tokenizer/tokenizer.hpp>

namespace qeval_test {

inline std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string                out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
        for (std::size_t k = 0; k < 4; ++k) out += i + k <= bytes.size() ? digits[bits >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

inline std::vector<std::string> every_byte(std::vector<std::string> const& more = {}) {
    std::vector<std::string> tokens;
    for (int b = 0; b < 256; ++b) tokens.emplace_back(1, static_cast<char>(b));
    tokens.insert(tokens.end(), more.begin(), more.end());
    return tokens;
}
inline std::vector<std::string> gpt2_tokens(qeval::tokenizer const& gpt2) { // in order of their ranks
    std::vector<std::string> tokens;
    for (qeval::token id = 0; id < 50256; ++id) tokens.push_back(*qeval::bytes_of_letters(gpt2.piece(id)));
    return tokens;
}
inline std::string rank_lines(std::vector<std::string> const& tokens) {
    std::string text;
    for (std::size_t i = 0; i < tokens.size(); ++i) text += base64(tokens[i]) + " " + std::to_string(i) + "\n";
    return text;
}

// `pattern` as JSON spells it; `rest` are further members, each with a comma before it.
inline std::string tekken_text(std::vector<std::string> const& tokens, std::string const& pattern, int specials = 20,
                               std::string const& rest = {}, int cut = 0) {
    std::string vocab;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        vocab += (i > 0 ? "," : "") + std::string("{\"rank\":") + std::to_string(i) + ",\"token_bytes\":\"" +
                 base64(tokens[i]) + "\",\"token_str\":null}";
    }
    auto const size = static_cast<int>(tokens.size()) + specials - cut;
    return "{\"config\":{\"pattern\":\"" + pattern + "\",\"default_vocab_size\":" + std::to_string(size) +
           ",\"default_num_special_tokens\":" + std::to_string(specials) + ",\"version\":\"v3\"},\"vocab\":[" + vocab +
           "]" + rest + "}";
}

} // namespace qeval_test
