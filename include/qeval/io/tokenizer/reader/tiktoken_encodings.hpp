// What rank files do not say, and their publishers' programs do: patterns and special tokens of the encodings in use.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <qeval/io/tokenizer/rule/bpe_patterns.hpp>

namespace qeval {

// Told by the number of its ranks.
struct tiktoken_encoding {
    std::size_t      ranks;
    std::string_view name;
    std::string_view pattern;
    bool             composed = false; // texts are in NFC first
    std::int64_t     first    = 0;     // id of the first of `specials`, which follow one another
    std::string_view specials = {};    // separated by spaces
};

inline constexpr std::string_view cl100k_pattern =
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+)"
    R"(|\s++\z|\s*[\r\n]|\s+(?!\S)|\s)";

inline constexpr std::string_view o200k_pattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*)"
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)?)"
    R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::string_view qwen35_pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*)"
    R"(|\s*[\r\n]+|\s+(?!\S)|\s+)";

inline constexpr std::array tiktoken_encodings{
    tiktoken_encoding{151643, "Qwen", qwen2_pattern, true, 151643, "<|endoftext|> <|im_start|> <|im_end|>"},
    tiktoken_encoding{248044, "Qwen 3.5", qwen35_pattern, true, 248044,
                      "<|endoftext|> <|im_start|> <|im_end|> <|object_ref_start|> <|object_ref_end|> <|box_start|> "
                      "<|box_end|> <|quad_start|> <|quad_end|> <|vision_start|> <|vision_end|> <|vision_pad|> "
                      "<|image_pad|> <|video_pad|> <tool_call> </tool_call> <|fim_prefix|> <|fim_middle|> "
                      "<|fim_suffix|> <|fim_pad|> <|repo_name|> <|file_sep|> <tool_response> </tool_response> <think> "
                      "</think>"},
    tiktoken_encoding{128000, "Llama 3", llama3_pattern, false, 128000,
                      "<|begin_of_text|> <|end_of_text|> <|reserved_special_token_0|> <|reserved_special_token_1|> "
                      "<|finetune_right_pad_id|> <|step_id|> <|start_header_id|> <|end_header_id|> <|eom_id|> "
                      "<|eot_id|> <|python_tag|>"},
    tiktoken_encoding{200000, "Llama 4", o200k_pattern, false, 200000,
                      "<|begin_of_text|> <|end_of_text|> <|fim_prefix|> <|fim_middle|> <|fim_suffix|> "
                      "<|header_start|> <|header_end|> <|eom|> <|eot|> <|step|>"},
    tiktoken_encoding{50256, "r50k_base", gpt2_pattern, false, 50256, "<|endoftext|>"},
    tiktoken_encoding{100256, "cl100k_base", cl100k_pattern, false, 100257,
                      "<|endoftext|> <|fim_prefix|> <|fim_middle|> <|fim_suffix|>"},
    tiktoken_encoding{199998, "o200k_base", o200k_pattern, false, 199999, "<|endoftext|>"},
};

[[nodiscard]] inline std::string tiktoken_encoding_names(std::span<tiktoken_encoding const> encodings) {
    std::string all;
    for (auto const& e : encodings)
        all += (all.empty() ? "" : ", ") + std::to_string(e.ranks) + " (" + std::string(e.name) + ")";
    return all;
}

} // namespace qeval
