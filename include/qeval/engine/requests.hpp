// What an engine is asked, and what it answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/token_sequence.hpp>

namespace qeval {

// Asks for log P(continuation | context). An empty context stands for the token that begins a text: beginning-of-text
// or, where the tokenizer adds none, end-of-text.
struct score_request {
    token_sequence     context;
    std::vector<token> continuation;
};
struct score {
    double log_likelihood = 0;     // sum over the continuation's tokens, natural logarithm
    bool   greedy         = false; // every continuation token is the argmax at its position
    index  tokens         = 0;     // scored tokens
    // Why there is no score: "nonfinite logits", "too long: ..."; log_likelihood is NaN then.
    std::string error{};
};

// How to continue a text. Temperature 0 takes the most likely token. Random numbers come from a counter-based stream
// that (seed, document, sample) names, so that no draw depends on batches, on shards, or on where a run was resumed.
struct sampling {
    index                    max_tokens  = 16;
    double                   temperature = 0;
    double                   top_p       = 1;
    index                    top_k       = 0; // 0: all
    std::uint64_t            seed        = 0;
    std::uint64_t            document    = 0;
    std::uint64_t            sample      = 0;
    std::vector<std::string> stops{}; // generation ends before the first of these texts
};
struct generation {
    std::vector<token> tokens;
    std::string        text;              // without the stop text
    std::string        finish = "length"; // "length", "stop", "eos", or "error: " and why there is no text
    token              end    = -1;       // the token that ended the text, where finish is "eos"; it is not in `tokens`
};
// Why the engine could not write the text: "nonfinite logits", "too long: ..."; empty where it could.
[[nodiscard]] inline std::string error_of(generation const& g) {
    constexpr std::string_view mark = "error: ";
    return g.finish.starts_with(mark) ? g.finish.substr(mark.size()) : std::string();
}
struct generate_request {
    token_sequence prompt;
    sampling       how;
};

} // namespace qeval
