// Tokens of a GGUF vocabulary that llama.cpp knows by their text: those that end a generation, those of
// fill-in-the-middle.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <qeval/io/gguf/gguf_metadata.hpp>
#include <qeval/io/tokenizer/vocabulary/generation_ends.hpp>
#include <qeval/io/tokenizer/vocabulary/vocabulary.hpp>

namespace qeval {

// What stands before, behind and between the parts of code that is filled in: the token that a key names, else the
// first of these texts that the vocabulary has.
struct gguf_middle_token {
    std::array<std::string_view, 2> keys;
    std::array<std::string_view, 8> names;
};
inline constexpr std::array gguf_middle_tokens{
    gguf_middle_token{{"fim_pre", "prefix"},
                      {"<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>",
                       "<\xef\xbd\x9c"
                       "fim\xe2\x96\x81"
                       "begin\xef\xbd\x9c>",
                       "<PRE>", "\xe2\x96\x81<PRE>", "<|code_prefix|>", "<|prefix|>"}},
    gguf_middle_token{{"fim_suf", "suffix"},
                      {"<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>",
                       "<\xef\xbd\x9c"
                       "fim\xe2\x96\x81hole\xef\xbd\x9c>",
                       "<SUF>", "\xe2\x96\x81<SUF>", "<|code_suffix|>", "<|suffix|>"}},
    gguf_middle_token{{"fim_mid", "middle"},
                      {"<|fim_middle|>", "<fim-middle>", "<fim_middle>",
                       "<\xef\xbd\x9c"
                       "fim\xe2\x96\x81"
                       "end\xef\xbd\x9c>",
                       "<MID>", "\xe2\x96\x81<MID>", "<|code_middle|>", "<|middle|>"}}};

// Text that a model writes between its messages; it is shown.
inline constexpr std::array<std::string_view, 4> shown_token_names{"<|channel|>", "<|message|>", "<|start|>",
                                                                   "<|constrain|>"};

// Gives these tokens their kinds, as llama.cpp does after reading a vocabulary, whatever the file says of them.
inline void apply_special_names(vocabulary& words, gguf_metadata const& metadata) {
    auto const set = [&](std::string_view name, piece_kind kind) {
        auto const id = words.find(name);
        if (id) words.set_kind(*id, kind);
        return id.has_value();
    };
    for (auto const& middle : gguf_middle_tokens) {
        bool const named = std::ranges::any_of(middle.keys, [&](auto key) {
            auto const* const value = metadata.find("tokenizer.ggml." + std::string(key) + "_token_id");
            return value != nullptr && value->integer_within(0, std::int64_t(words.size()) - 1, "GG22").has_value();
        });
        for (bool done = named; auto const name : middle.names) done = done || set(name, piece_kind::control);
    }
    for (auto const name : detail::end_spellings) set(name, piece_kind::control);
    for (auto const name : shown_token_names) set(name, piece_kind::user_defined);
    for (auto const& e : detail::end_exceptions) {
        if (std::ranges::all_of(e.beside, [&](auto name) { return words.find(name).has_value(); }))
            set(e.spelling, e.kind_beside);
    }
}

} // namespace qeval
