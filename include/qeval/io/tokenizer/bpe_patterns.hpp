// The pre-tokenizers that GGUF files name in tokenizer.ggml.pre: the same facts as in llama.cpp's llm_tokenizer_bpe.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace qeval {

// GPT-2's pattern, also that of tokenizer.json's ByteLevel.
inline constexpr std::string_view gpt2_pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view llama3_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view qwen2_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// Chinese, Japanese and Korean as the DeepSeek tokenizers delimit them.
inline constexpr std::string_view deepseek_cjk_pattern = R"([\x{4e00}-\x{9fa5}\x{800}-\x{4e00}\x{ac00}-\x{d7ff}]+)";

// The cased letters of Unicode 12 outside the mathematical alphabets.
inline constexpr std::string_view deepseek_letters_pattern =
    R"(\s?[A-Za-z\x{b5}\x{c0}-\x{d6}\x{d8}-\x{f6}\x{f8}-\x{1ba}\x{1bc}-\x{1bf}\x{1c4}-\x{293}\x{295}-\x{2af})"
    R"(\x{370}-\x{373}\x{376}\x{377}\x{37b}-\x{37d}\x{37f}\x{386}\x{388}-\x{38a}\x{38c}\x{38e}-\x{3a1}\x{3a3}-\x{3f5})"
    R"(\x{3f7}-\x{481}\x{48a}-\x{52f}\x{531}-\x{556}\x{10a0}-\x{10c5}\x{13a0}-\x{13f5}\x{13f8}-\x{13fd})"
    R"(\x{1c90}-\x{1cba}\x{1cbd}-\x{1cbf}\x{1d00}-\x{1d2b}\x{1d6b}-\x{1d77}\x{1d79}-\x{1d9a}\x{1e00}-\x{1f15})"
    R"(\x{1f18}-\x{1f1d}\x{1f20}-\x{1f45}\x{1f48}-\x{1f4d}\x{1f50}-\x{1f57}\x{1f59}\x{1f5b}\x{1f5d}\x{1f5f}-\x{1f7d})"
    R"(\x{1f80}-\x{1fb4}\x{1fb6}-\x{1fbc}\x{1fbe}\x{1fc2}-\x{1fc4}\x{1fc6}-\x{1fcc}\x{1fd0}-\x{1fd3}\x{1fd6}-\x{1fdb})"
    R"(\x{1fe0}-\x{1fec}\x{1ff2}-\x{1ff4}\x{1ff6}-\x{1ffc}\x{2102}\x{2107}\x{210a}-\x{2113}\x{2115}\x{2119}-\x{211d})"
    R"(\x{2124}\x{2126}\x{2128}\x{212a}-\x{212d}\x{212f}-\x{2134}\x{2139}\x{213c}-\x{213f}\x{2145}-\x{2149}\x{214e})"
    R"(\x{2183}\x{2184}\x{2c00}-\x{2c7b}\x{2c7e}-\x{2ce4}\x{2ceb}-\x{2cee}\x{2cf2}\x{2cf3}\x{a640}-\x{a66d})"
    R"(\x{a680}-\x{a69b}\x{a722}-\x{a76f}\x{a771}-\x{a787}\x{a78b}-\x{a78e}\x{ab70}-\x{abbf}\x{fb00}-\x{fb06})"
    R"(\x{fb13}-\x{fb17}\x{ff21}-\x{ff3a}\x{ff41}-\x{ff5a}\x{10400}-\x{1044f}\x{104b0}-\x{104d3}\x{104d8}-\x{104fb})"
    R"(\x{10c80}-\x{10cb2}\x{10cc0}-\x{10cf2}\x{118a0}-\x{118df}\x{1e900}-\x{1e943}]+)";

// Patterns cut one after the other; what none of them matches is a piece too.
struct bpe_pattern_rule {
    std::string_view                names; // separated by spaces
    std::array<std::string_view, 6> patterns{};
    bool                            ignore_merges = false;
};

inline constexpr std::array bpe_pattern_rules{
    bpe_pattern_rule{"default", {R"([\p{P}\$\+<=>\^~\|]+)", gpt2_pattern, R"(\p{N}+)", "[0-9][0-9][0-9]"}},
    bpe_pattern_rule{"gpt-2 mpt olmo jais phi-2 roberta-bpe", {gpt2_pattern}},
    bpe_pattern_rule{"starcoder refact command-r smollm codeshell", {R"(\p{N})", gpt2_pattern}},
    bpe_pattern_rule{"falcon", {R"([\p{P}\$\+<=>\^~\|`]+)", gpt2_pattern, "[0-9][0-9][0-9]"}},
    bpe_pattern_rule{"deepseek-coder", {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)", deepseek_cjk_pattern, R"(\p{N})"}},
    // "(?<!\s)" changes no match of "\s+$" and spares it a scan from every space of a long run.
    bpe_pattern_rule{"deepseek-llm",
                     {R"([\r\n])", deepseek_letters_pattern,
                      R"(\s?[!-/:-~\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff5e}\x{2018}-\x{201f}\x{3000}-\x{3002}]+)",
                      R"((?<!\s)\s+$)", deepseek_cjk_pattern, R"(\p{N}+)"}},
    bpe_pattern_rule{"llama-bpe llama3 llama-v3", {llama3_pattern}, true},
    bpe_pattern_rule{"dbrx smaug-bpe", {llama3_pattern}},
    bpe_pattern_rule{"qwen2 deepseek-r1-qwen stablelm2", {qwen2_pattern}},
};

[[nodiscard]] constexpr bpe_pattern_rule const* find_bpe_pattern(std::string_view name) { // nullptr: unknown
    if (name.empty() || name.find(' ') != std::string_view::npos) return nullptr;
    for (auto const& rule : bpe_pattern_rules) {
        for (auto rest = rule.names; !rest.empty();) {
            auto const end = rest.find(' ');
            if (rest.substr(0, end) == name) return &rule;
            rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
        }
    }
    return nullptr;
}

// What splitting by a pattern does where a letter or digit of ASCII stands before a line break.
enum class line_end_rule {
    cuts,    // every text is in matches from there on, or is cut there: a piece ends with the letter or digit
    passes,  // no match has both, and no match on one side depends on the other
    unknown, // nobody has looked
};
[[nodiscard]] constexpr line_end_rule at_line_end(std::string_view pattern) {
    for (std::string_view const cuts :
         {gpt2_pattern, llama3_pattern, qwen2_pattern, std::string_view(R"([\r\n])"), std::string_view("[\r\n]")})
        if (pattern == cuts) return line_end_rule::cuts;
    for (auto const& rule : bpe_pattern_rules)
        for (auto const passes : rule.patterns)
            if (!passes.empty() && pattern == passes) return line_end_rule::passes;
    return line_end_rule::unknown;
}

[[nodiscard]] inline std::string bpe_pattern_names() {
    std::string all;
    for (auto const& rule : bpe_pattern_rules) all += (all.empty() ? "" : " ") + std::string(rule.names);
    return all;
}

} // namespace qeval
