// Tokens of a GGUF vocabulary that llama.cpp knows by their text: those that end a generation, those of
// fill-in-the-middle.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <qeval/core/token.hpp>
#include <qeval/io/gguf/gguf_metadata.hpp>
#include <qeval/io/tokenizer/vocabulary/generation_ends.hpp>
#include <qeval/io/tokenizer/vocabulary/middle_tokens.hpp>
#include <qeval/io/tokenizer/vocabulary/vocabulary.hpp>

namespace qeval {

// Text that a model writes between its messages; it is shown.
inline constexpr std::array<std::string_view, 4> shown_token_names{"<|channel|>", "<|message|>", "<|start|>",
                                                                   "<|constrain|>"};

// Gives these tokens their kinds, as llama.cpp does after reading a vocabulary, whatever the file says of them. Returns
// those of fill-in-the-middle: what a key names, else what is spelled like one.
inline middle_tokens apply_special_names(vocabulary& words, gguf_metadata const& metadata) {
    auto const set = [&](std::string_view name, piece_kind kind) {
        auto const id = words.find(name);
        if (id) words.set_kind(*id, kind);
        return id.has_value();
    };
    middle_tokens found;
    for (auto const& role : middle_roles) {
        token& id = found.*role.id;
        for (auto const key : role.keys) {
            auto const* const value = metadata.find("tokenizer.ggml." + std::string(key) + "_token_id");
            auto const        named =
                value != nullptr ? value->integer_within(0, std::int64_t(words.size()) - 1, "GG22") : std::nullopt;
            if (named && id < 0) id = static_cast<token>(*named);
        }
        for (auto const name : role.names) {
            if (id < 0 && set(name, piece_kind::control)) id = *words.find(name);
        }
    }
    for (auto const name : detail::end_spellings) set(name, piece_kind::control);
    for (auto const name : shown_token_names) set(name, piece_kind::user_defined);
    for (auto const& e : detail::end_exceptions) {
        if (std::ranges::all_of(e.beside, [&](auto name) { return words.find(name).has_value(); }))
            set(e.spelling, e.kind_beside);
    }
    return found;
}

} // namespace qeval
