// What requests to a model may consist of.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/token_sequence.hpp>

namespace qeval {

// What a request without a context continues: `start`, the beginning of a text; below 0: there is no such token.
[[nodiscard]] inline token_sequence begun(token_sequence const& context, token start) {
    if (!context.empty()) return context;
    if (start >= 0) return {start};
    throw usage_error{{"EN03", "a request", "an empty context", "at least one token",
                       "a tokenizer without beginning-of-text and end-of-text tokens"}};
}

// `request`: its number in the call; `before`: its tokens in front of these.
inline void refuse_foreign_tokens(std::span<token const> tokens, index vocabulary, std::size_t request,
                                  std::size_t before = 0) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i] >= 0 && tokens[i] < vocabulary) continue;
        throw usage_error{{"EN01", "request " + std::to_string(request) + ", token " + std::to_string(before + i),
                           std::to_string(tokens[i]), "0.." + std::to_string(vocabulary - 1),
                           "a tokenizer of another model"}};
    }
}

} // namespace qeval
