// The tokens of a request: how one without a context begins, and which tokens are refused.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/token_sequence.hpp>

namespace qeval {

// The context itself or, where it is empty, the one token `start`, which begins a text. Below 0 there is no such token,
// and an empty context is refused (usage_error EN03).
[[nodiscard]] inline token_sequence begun(token_sequence const& context, token start) {
    if (!context.empty()) return context;
    if (start >= 0) return {start};
    throw usage_error{{"EN03", "a request", "an empty context", "at least one token",
                       "a tokenizer without beginning-of-text and end-of-text tokens"}};
}

// Refuses token ids outside [0, vocabulary) (usage_error EN01). For the error: `request` is the number of the request
// in the call, `before` how many of its tokens stand in front of these.
inline void refuse_foreign_tokens(std::span<token const> tokens, index vocabulary, std::size_t request,
                                  std::size_t before = 0) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i] >= 0 && tokens[i] < vocabulary) continue;
        throw usage_error{{"EN01", "request " + std::to_string(request) + ", token " + std::to_string(before + i),
                           std::to_string(tokens[i]), "0.." + std::to_string(vocabulary - 1),
                           "a tokenizer of another model, or a token that was added and has no row in the embedding"}};
    }
}

} // namespace qeval
