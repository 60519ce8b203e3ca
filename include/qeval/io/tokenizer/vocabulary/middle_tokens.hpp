// Tokens of models of code that fill in the middle of a text: they stand before what precedes the gap, before what
// follows it, and before what is written into it. Origin of the spellings: llama.cpp, src/llama-vocab.cpp.
#pragma once

#include <array>
#include <string_view>

#include <qeval/core/token.hpp>
#include <qeval/io/tokenizer/vocabulary/vocabulary.hpp>

namespace qeval {

struct middle_tokens {
    token prefix = -1, suffix = -1, middle = -1; // -1: there is none

    [[nodiscard]] bool complete() const { return prefix >= 0 && suffix >= 0 && middle >= 0; }
    friend bool        operator==(middle_tokens const&, middle_tokens const&) = default;
};

// How each is named: by keys of a GGUF, else by the first of these texts that a vocabulary has.
struct middle_role {
    token middle_tokens::*          id;
    std::array<std::string_view, 2> keys;
    std::array<std::string_view, 8> names;
};
inline constexpr std::array middle_roles{middle_role{&middle_tokens::prefix,
                                                     {"fim_pre", "prefix"},
                                                     {"<|fim_prefix|>", "<fim-prefix>", "<fim_prefix>",
                                                      "<\xef\xbd\x9c"
                                                      "fim\xe2\x96\x81"
                                                      "begin\xef\xbd\x9c>",
                                                      "<PRE>", "\xe2\x96\x81<PRE>", "<|code_prefix|>", "<|prefix|>"}},
                                         middle_role{&middle_tokens::suffix,
                                                     {"fim_suf", "suffix"},
                                                     {"<|fim_suffix|>", "<fim-suffix>", "<fim_suffix>",
                                                      "<\xef\xbd\x9c"
                                                      "fim\xe2\x96\x81hole\xef\xbd\x9c>",
                                                      "<SUF>", "\xe2\x96\x81<SUF>", "<|code_suffix|>", "<|suffix|>"}},
                                         middle_role{&middle_tokens::middle,
                                                     {"fim_mid", "middle"},
                                                     {"<|fim_middle|>", "<fim-middle>", "<fim_middle>",
                                                      "<\xef\xbd\x9c"
                                                      "fim\xe2\x96\x81"
                                                      "end\xef\xbd\x9c>",
                                                      "<MID>", "\xe2\x96\x81<MID>", "<|code_middle|>", "<|middle|>"}}};

// By their texts; a piece of ordinary text is none.
[[nodiscard]] inline middle_tokens find_middle_tokens(vocabulary const& words) {
    middle_tokens found;
    for (auto const& role : middle_roles) {
        token& id = found.*role.id;
        for (auto const name : role.names) {
            auto const piece = words.find(name);
            if (id < 0 && piece && words.kind(*piece) != piece_kind::normal) id = *piece;
        }
    }
    return found;
}

} // namespace qeval
