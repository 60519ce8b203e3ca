// A text cut into a protocol's windows of tokens, and the walk over the positions that are scored.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/sha256.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/concepts.hpp>
#include <qeval/eval/protocol.hpp>

namespace qeval {

struct text_windows {
    std::string        protocol; // in words
    std::string        text_sha256;
    std::vector<token> tokens;          // [count, window]
    index              text_tokens = 0; // of the whole text, BOS included
    index              window      = 0;
    index              first       = 0; // first scored position of a window
    index              count       = 0; // windows

    [[nodiscard]] index                  scored() const { return window - 1 - first; } // in each window
    [[nodiscard]] index                  positions() const { return count * scored(); }
    [[nodiscard]] std::span<token const> at(index w) const {
        return {tokens.data() + w * window, static_cast<std::size_t>(window)};
    }
};

// `specials`: read "<|endoftext|>" and its like as the token; `protocol` is told where the engine cannot.
template <engine E>
[[nodiscard]] std::vector<token> encode_text(E& engine, std::string_view text, bool specials, std::string& protocol) {
    if constexpr (requires { engine.encode_with_specials(text); }) {
        if (specials) return engine.encode_with_specials(text);
    } else if (specials) {
        protocol += specials_are_text;
    }
    return engine.encode(text);
}

// `name` is what errors call the text; `limit` keeps the first windows only (0: all).
template <engine E, perplexity_protocol P>
[[nodiscard]] text_windows cut_into_windows(E& engine, P const& protocol, std::string_view text,
                                            std::string const& name, index limit = 0) {
    index const window = protocol.window();
    if (window < 2 || static_cast<index>(engine.max_tokens()) < window) {
        throw usage_error{
            {"EV02", "the context of protocol \"" + std::string(P::name) + "\"", std::to_string(window) + " tokens",
             "2 to " + std::to_string(static_cast<index>(engine.max_tokens())) + " tokens, the model's context",
             "choose a smaller --ctx or leave this task out"}};
    }
    text_windows w;
    w.protocol = protocol.text();
    w.window   = window;
    w.first    = protocol.first_scored();
    sha256 hash;
    hash.update(text);
    w.text_sha256 = hash.hex();

    auto const bos = static_cast<token>(engine.bos());
    if (bos >= 0) w.tokens.push_back(bos);
    auto const ids = encode_text(engine, text, protocol.specials, w.protocol);
    w.tokens.insert(w.tokens.end(), ids.begin(), ids.end());
    w.text_tokens = static_cast<index>(w.tokens.size());

    index const needed = protocol.minimum_windows() * window;
    if (w.text_tokens < needed) {
        throw file_error{{"EV01", name, std::to_string(w.text_tokens) + " tokens",
                          "at least " + std::to_string(needed) + " (" + std::to_string(protocol.minimum_windows()) +
                              " windows of " + std::to_string(window) + ")",
                          "the text is too short for this protocol; a smaller --ctx needs less"}};
    }
    w.count = w.text_tokens / window;
    if (limit > 0) w.count = std::min(w.count, limit);
    w.tokens.resize(static_cast<std::size_t>(w.count * window));
    if (P::bos_in_each_window && bos >= 0) {
        for (index i = 0; i < w.count; ++i) w.tokens[static_cast<std::size_t>(i * window)] = bos;
    }
    return w;
}

// Sends windows [begin, end) through the engine and calls f(slot, logits, next) for each scored position: slot =
// window * scored() + (position - first) numbers all scored positions of the text, next is the token to predict. The
// last token of a window is predicted, never read, so it is not sent. Calls may come in any order of slots.
template <logit_engine E, class F>
void for_each_scored(E& engine, text_windows const& text, index begin, index end, F const& f) {
    std::vector<logit_request> requests;
    for (index w = begin; w < end; ++w) {
        requests.push_back({text.at(w).first(static_cast<std::size_t>(text.window - 1)), text.first});
    }
    engine.logits(requests, [&](index sequence, index position, std::span<float const> logits) {
        index const w = begin + sequence;
        f(w * text.scored() + (position - text.first), logits, text.at(w)[static_cast<std::size_t>(position + 1)]);
    });
}

} // namespace qeval
