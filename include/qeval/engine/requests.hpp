// What an engine is asked, and what it answers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/token_sequence.hpp>

namespace qeval {

// log P(continuation | context), tokens given. An empty context means: after the beginning-of-text token, if any.
struct score_request {
    token_sequence     context;
    std::vector<token> continuation;
};
struct score {
    double      log_likelihood = 0;     // sum over the continuation's tokens, natural logarithm
    bool        greedy         = false; // every continuation token is the argmax at its position
    index       tokens         = 0;     // scored tokens
    std::string error{}; // why there is no score (log_likelihood is NaN then): "nonfinite logits", "too long: ..."
};

// How to continue a text. Temperature 0 is greedy. Draws come from a counter-based stream named (seed, document,
// sample), so that a run resumes, shards and batches without changing a draw.
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
    std::string        text;              // without the stop
    std::string        finish = "length"; // "length", "stop", "eos", or "error: ..."
    token              end    = -1;       // that ended it, where finish is "eos"; not among tokens
};
struct generate_request {
    token_sequence prompt;
    sampling       how;
};

} // namespace qeval
