// Tokens that end a generated text. A GGUF names some of them by keys; others are known by their spelling, since most
// converters name none but the end of a text. Origin: llama.cpp, src/llama-vocab.cpp, special_eog_ids.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/io/tokenizer/vocabulary/vocabulary.hpp>

namespace qeval {

// A token that ends a generated text.
struct text_end {
    std::int64_t id = 0;
    std::string  place; // where the files say so: "config.json", "tokenizer.ggml.eos_token_id", "its spelling"
};

namespace detail {

inline constexpr std::array<std::string_view, 32> end_spellings = {
    "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<|flush|>", "<|calls|>", "<end_of_turn>",
    "<|endoftext|>", "</s>", "<|eom_id|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>", "<end_of_utterance>",
    "<eos>", "<turn|>", "<|tool_response>",
    "<\xef\xbd\x9c"
    "end\xe2\x96\x81of\xe2\x96\x81sentence\xef\xbd\x9c>",
    // of code that is filled in: padding, and the beginning of another repository or file
    "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]", "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>",
    "<reponame>", "<|file_sep|>"};

// A spelling that ends nothing where the vocabulary has all of `beside`.
struct end_exception {
    std::string_view                spelling;
    std::array<std::string_view, 2> beside; // one spelling twice: that one
    piece_kind                      kind_beside = piece_kind::user_defined;
};
inline constexpr std::array<end_exception, 3> end_exceptions = {{
    {"<|end|>", {"<|return|>", "<|call|>"}}, // o200k_harmony: it ends a message, not a turn
    {"<|end|>", {"<|calls|>", "<|flush|>"}}, // solar-open, the same
    {"</s>", {"<|tool_response>", "<|tool_response>"}, piece_kind::normal} // Gemma 4, where it is a piece of text
}};

} // namespace detail

// The ids of tokens that are spelled like an end of a text, a turn or a message, in ascending order.
[[nodiscard]] inline std::vector<std::int64_t> ends_by_spelling(std::span<std::string_view const> tokens) {
    using namespace detail;
    std::array<std::optional<std::size_t>, end_spellings.size()> id_of;
    for (std::size_t id = 0; id < tokens.size(); ++id) {
        auto const at = std::ranges::find(end_spellings, tokens[id]);
        if (at != end_spellings.end()) id_of[std::size_t(at - end_spellings.begin())] = id;
    }
    auto const place = [](std::string_view spelling) {
        return std::size_t(std::ranges::find(end_spellings, spelling) - end_spellings.begin());
    };
    for (auto const& e : end_exceptions) {
        if (std::ranges::all_of(e.beside, [&](auto s) { return id_of[place(s)].has_value(); }))
            id_of[place(e.spelling)].reset();
    }
    std::vector<std::int64_t> ends;
    for (auto const& id : id_of) {
        if (id) ends.push_back(static_cast<std::int64_t>(*id));
    }
    std::ranges::sort(ends);
    return ends;
}

} // namespace qeval
