// The pre-tokenizers that GGUF files name in tokenizer.ggml.pre: the facts of llama.cpp's llama-vocab.cpp (2026-10).
#pragma once

#include <algorithm>
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

// Chinese, Japanese and Korean as the DeepSeek tokenizers delimit them, without the white space among them.
inline constexpr std::string_view deepseek_cjk_pattern =
    R"([\x{4e00}-\x{9fa5}\x{800}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e})"
    R"(\x{2060}-\x{2fff}\x{3001}-\x{4e00}\x{ac00}-\x{d7ff}]+)";

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

// What follows is as llama.cpp spells it. Its \p{S} lacks the tilde, and all letters are one class to it: case is
// ASCII's.

inline constexpr std::string_view llama3_gguf_pattern =
    R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})"
    R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view qwen2_gguf_pattern =
    R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N})"
    R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view qwen35_gguf_pattern =
    R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N})"
    R"(| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view gpt4o_gguf_pattern =
    R"([^\r\n\p{L}\p{N}]?(?:(?![a-z])\p{L})*(?:(?![A-Z])\p{L})+)"
    R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?)"
    R"(|[^\r\n\p{L}\p{N}]?(?:(?![a-z])\p{L})+(?:(?![A-Z])\p{L})*)"
    R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view tekken_gguf_pattern = R"([^\r\n\p{L}\p{N}]?(?:(?![a-z])\p{L})*(?:(?![A-Z])\p{L})+)"
                                                        R"(|[^\r\n\p{L}\p{N}]?(?:(?![a-z])\p{L})+(?:(?![A-Z])\p{L})*)"
                                                        R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view granite_multi_gguf_pattern =
    R"([^\r\n\p{L}\p{N}]?(?:(?![a-z])[\p{L}\p{M}])*(?:(?![A-Z])[\p{L}\p{M}])+)"
    R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?)"
    R"(|[^\r\n\p{L}\p{N}]?(?:(?![a-z])[\p{L}\p{M}])+(?:(?![A-Z])[\p{L}\p{M}])*)"
    R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view aya_gguf_pattern =
    R"([^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view youtu_gguf_pattern =
    R"([^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?)"
    R"(|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view deepseek3_cjk_pattern = R"([\x{4e00}-\x{9fa5}\x{3040}-\x{309f}\x{30a0}-\x{30ff}]+)";

inline constexpr std::string_view deepseek3_gguf_pattern =
    R"([!"#$%&'()*+,\-.\/:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
    R"(| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view spark_gguf_pattern =
    R"([!"#$%&'()*+,\-.\/:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+)"
    R"(| ?[\p{P}\p{S}]+|[\r\n]|\s+(?!\S)|\s+)";

// A run of digits from its right end, in threes. What stands before a run stays with the first of its pieces; the
// patterns that follow cut it off. It begins where such a text begins and is read once, so that its cost is linear.
inline constexpr std::string_view digit_triples_pattern =
    R"((?<!\P{N})\P{N}*+(?:(?<!\p{N})\p{N}{1,2}(?=(?:\p{N}{3})*+(?!\p{N}))|\p{N}{3}))";

inline constexpr std::string_view afmoe_scripts_pattern =
    R"([\x{4e00}-\x{9fff}\x{3400}-\x{4dbf}\x{f900}-\x{faff}\x{3040}-\x{309f}\x{30a0}-\x{30ff}\x{ff65}-\x{ff9f})"
    R"(\x{2f00}-\x{2fdf}\x{e40}-\x{e7f}\x{e80}-\x{eff}\x{1780}-\x{17ff}\x{1000}-\x{109f}\x{aa60}-\x{aa7f})"
    R"(\x{a9e0}-\x{a9ff}\x{ac00}-\x{d7af}\x{1100}-\x{11ff}]+)";

inline constexpr std::string_view bloom_pattern =
    R"( ?[^(\s|.,!?\x{2026}\x{3002}\x{ff0c}\x{3001}\x{964}\x{6d4}\x{60c})]+)";

// Runs of Chinese characters, and words without them.
inline constexpr std::string_view kimi_gguf_pattern =
    R"([\x{4e00}-\x{9fff}\x{3400}-\x{4dbf}\x{20000}-\x{2a6df}\x{2a700}-\x{2ebef}\x{f900}-\x{faff}\x{2f800}-\x{2fa1f}]+)"
    R"(|[^\r\n\p{L}\p{N}]?(?:(?![\x{4e00}-\x{9fff}\x{3400}-\x{4dbf}\x{20000}-\x{2a6df}\x{2a700}-\x{2ebef})"
    R"(\x{f900}-\x{faff}\x{2f800}-\x{2fa1f}])\p{L})+(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

// How pieces are spelled.
enum class bpe_spelling {
    byte_letters, // in the alphabet of bytes
    text,         // as they are
    spaces,       // as they are, spaces as U+2581
};

// Patterns cut one after the other; what none of them matches is a piece too. llama.cpp's clean_spaces is left out: it
// changes no token, and no text that is generated piece by piece.
struct bpe_pattern_rule {
    std::string_view                names; // separated by spaces
    std::array<std::string_view, 6> patterns{};
    bool                            ignore_merges     = false;
    bool                            adds_bos          = false; // where the file does not say
    bool                            default_bos       = true;  // token 11, where the file names none
    bpe_spelling                    spelling          = bpe_spelling::byte_letters;
    bool                            line_breaks_whole = false; // a run of them is one token, if there is such a one
};

inline constexpr std::array bpe_pattern_rules{
    bpe_pattern_rule{.names    = "default",
                     .patterns = {R"([\p{P}\$\+<=>\^~\|]+)", gpt2_pattern, R"(\p{N}+)", "[0-9][0-9][0-9]"}},
    bpe_pattern_rule{.names = "gpt-2 mpt olmo jais phi-2 roberta-bpe jina-es jina-de jina-v2-es jina-v2-de jina-v1-en "
                              "jina-v2-code gigachat a.x-4.0 mellum modern-bert exaone4 trillion granite-docling",
                     .patterns = {gpt2_pattern}},
    bpe_pattern_rule{.names    = "starcoder refact command-r smollm codeshell exaone minerva-7b mellum2",
                     .patterns = {R"(\p{N})", gpt2_pattern}},
    bpe_pattern_rule{.names = "falcon", .patterns = {R"([\p{P}\$\+<=>\^~\|`]+)", gpt2_pattern, "[0-9][0-9][0-9]"}},
    bpe_pattern_rule{.names    = "deepseek-coder",
                     .patterns = {R"([\r\n])", R"(\s?\p{L}+)", R"(\s?\p{P}+)", deepseek_cjk_pattern, R"(\p{N})"}},
    // "(?<!\s)" changes no match of "\s+$" and spares it a scan from every space of a long run.
    bpe_pattern_rule{.names    = "deepseek-llm",
                     .patterns = {R"([\r\n])", deepseek_letters_pattern,
                                  R"(\s?[!-/:-~\x{ff01}-\x{ff0f}\x{ff1a}-\x{ff5e}\x{2018}-\x{201f}\x{3001}\x{3002}]+)",
                                  R"((?<!\s)\s+$)", deepseek_cjk_pattern, R"(\p{N}+)"}},
    bpe_pattern_rule{.names    = "deepseek-v3 hunyuan-dense hy_v4 joyai-llm",
                     .patterns = {R"(\p{N}{1,3})", deepseek3_cjk_pattern, deepseek3_gguf_pattern}},
    bpe_pattern_rule{.names    = "spark2_5",
                     .patterns = {R"(\p{N}{1,3})", deepseek3_cjk_pattern, spark_gguf_pattern, R"(\p{N})"}},
    bpe_pattern_rule{.names         = "llama-bpe llama3 llama-v3 falcon3 falcon-h1 pixtral midm-2.0 lfm2 jina-v5-nano",
                     .patterns      = {llama3_gguf_pattern},
                     .ignore_merges = true,
                     .adds_bos      = true},
    bpe_pattern_rule{.names = "dbrx smaug-bpe", .patterns = {llama3_gguf_pattern}},
    bpe_pattern_rule{.names = "glm4 chatglm-bpe", .patterns = {llama3_gguf_pattern}, .default_bos = false},
    bpe_pattern_rule{
        .names    = "jais-2",
        .patterns = {R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})"
                     R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|\s{128}(?!\S)|\s{64}(?!\S))"
                     R"(|\s{32}(?!\S)|\s{16}(?!\S)|\s{8}(?!\S)|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1})"}},
    bpe_pattern_rule{.names    = "qwen2 deepseek-r1-qwen stablelm2 kormo f2llmv2 megrez hunyuan grok-2 solar-open",
                     .patterns = {qwen2_gguf_pattern}},
    bpe_pattern_rule{.names = "qwen35", .patterns = {qwen35_gguf_pattern}},
    bpe_pattern_rule{.names = "laguna", .patterns = {R"([^\n]+|[\n]+)", qwen2_gguf_pattern}},
    bpe_pattern_rule{
        .names    = "ufakzeka",
        .patterns = {R"([^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
    bpe_pattern_rule{.names    = "bailingmoe bailingmoe2 llada-moe",
                     .patterns = {R"('(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N})"
                                  R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)"}},
    bpe_pattern_rule{
        .names    = "seed-coder",
        .patterns = {R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N})"
                     R"(| ?[^\s\p{L}\p{N}\r\n]+|\s*[\r\n]+|\s+(?!\S)|\s+)"}},
    bpe_pattern_rule{
        .names    = "exaone-moe",
        .patterns = {R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]))"
                     R"(|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]?)"
                     R"(|\s*[\r\n]|\s+(?!\S)|\s+)"}},
    bpe_pattern_rule{
        .names         = "minicpm5",
        .patterns      = {R"(\p{N}{1,3})",
                          R"((?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+)"
                               R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"},
        .ignore_merges = true},
    bpe_pattern_rule{.names = "gpt-4o llama4 kanana2 talkie minimax-m2", .patterns = {gpt4o_gguf_pattern}},
    bpe_pattern_rule{.names = "tekken", .patterns = {tekken_gguf_pattern}, .ignore_merges = true, .adds_bos = true},
    bpe_pattern_rule{
        .names = "granite-embed-multi-97m", .patterns = {granite_multi_gguf_pattern}, .ignore_merges = true},
    bpe_pattern_rule{.names = "tiny_aya cohere2moe", .patterns = {digit_triples_pattern, aya_gguf_pattern}},
    bpe_pattern_rule{
        .names = "youtu",
        .patterns =
            {R"([\x{ac00}-\x{d7a3}\x{3131}-\x{318e}]+|[\x{ff01}\x{2026}\x{201c}\x{201d}\x{2018}\x{2019}\x{2014})"
             R"(\x{ff1a}\x{ff1b}\x{ff0c}\x{3001}-\x{303f}\x{fe30}-\x{fe4f}]+|[\x{3105}-\x{312f}]+)"
             R"(|[\x{4e00}-\x{9fa5}\x{3040}-\x{309f}\x{30a0}-\x{30ff}]+)",
             youtu_gguf_pattern},
        .ignore_merges = true},
    bpe_pattern_rule{.names    = "afmoe",
                     .patterns = {digit_triples_pattern, afmoe_scripts_pattern, deepseek3_gguf_pattern}},
    bpe_pattern_rule{.names = "kimi-k2", .patterns = {kimi_gguf_pattern}},
    bpe_pattern_rule{.names = "poro-chat bloom gpt3-finnish", .patterns = {bloom_pattern}},
    bpe_pattern_rule{.names = "viking", .patterns = {bloom_pattern, R"(\p{N})"}},
    // A piece begins wherever threes of digits follow, up to the end of their run.
    bpe_pattern_rule{.names    = "superbpe",
                     .patterns = {R"(\p{N}+)", R"((?=(?:[0-9]{3})+(?![0-9]))[\s\S])"
                                               R"((?:(?!(?:[0-9]{3})+(?![0-9]))[\s\S])*)"}},
    bpe_pattern_rule{.names    = "chameleon",
                     .patterns = {"<sentinel:[0-9]+>", "IMGIMG[A-I]{1,4}Z", R"([\t\n]|    |  )", R"(\p{N})",
                                  R"([\p{P}!-\/:-@\[-`{-~])", gpt2_pattern},
                     .adds_bos = true},
    bpe_pattern_rule{.names             = "gemma4 granite-embed-multi-311m",
                     .patterns          = {R"([^\n]+|[\n]+)"},
                     .adds_bos          = true,
                     .spelling          = bpe_spelling::spaces,
                     .line_breaks_whole = true},
    bpe_pattern_rule{.names = "sarvam-moe", .patterns = {R"([^\n]+|[\n]+)"}, .spelling = bpe_spelling::spaces},
    bpe_pattern_rule{.names = "whitespace", .patterns = {R"(\S+)"}, .spelling = bpe_spelling::text},
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
    constexpr std::array cuts{gpt2_pattern,
                              llama3_pattern,
                              qwen2_pattern,
                              llama3_gguf_pattern,
                              qwen2_gguf_pattern,
                              qwen35_gguf_pattern,
                              gpt4o_gguf_pattern,
                              tekken_gguf_pattern,
                              std::string_view(R"([\r\n])"),
                              std::string_view("[\r\n]")};
    constexpr std::array passes{std::string_view(R"([\p{P}\$\+<=>\^~\|]+)"),
                                std::string_view(R"([\p{P}\$\+<=>\^~\|`]+)"),
                                std::string_view(R"(\p{N}+)"),
                                std::string_view(R"(\p{N})"),
                                std::string_view(R"(\p{N}{1,3})"),
                                std::string_view("[0-9][0-9][0-9]"),
                                deepseek_cjk_pattern,
                                deepseek3_cjk_pattern};
    if (std::ranges::find(cuts, pattern) != cuts.end()) return line_end_rule::cuts;
    return std::ranges::find(passes, pattern) != passes.end() ? line_end_rule::passes : line_end_rule::unknown;
}

[[nodiscard]] inline std::string bpe_pattern_names() {
    std::string all;
    for (auto const& rule : bpe_pattern_rules) all += (all.empty() ? "" : " ") + std::string(rule.names);
    return all;
}

} // namespace qeval
