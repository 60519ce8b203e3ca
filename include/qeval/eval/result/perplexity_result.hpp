// The perplexity of a text under a named protocol, and its change against a reference scheme.
#pragma once

#include <string>

#include <qeval/core/view.hpp>
#include <qeval/eval/statistics/estimate.hpp>

namespace qeval {

struct perplexity_result {
    std::string protocol;          // "llama.cpp half-window, n_ctx = 512"
    estimate    perplexity;        // error: PPL * sqrt((E[x^2] - E[x]^2) / (count - 1)) over scored tokens' -log p
    estimate    mean_nll;          // natural logarithm, per token
    index       window        = 0; // tokens
    index       windows       = 0; // evaluated
    index       scored_tokens = 0;
    index       text_tokens   = 0; // of the whole text, beginning-of-text token included
    index       not_finite    = 0; // scored tokens whose logits contained NaN or infinity; any makes the value NaN
    std::string text_sha256;
};

// scheme against reference, errors propagated with the covariance of the two (same tokens, correlated losses).
struct perplexity_change {
    estimate log_ratio;                     // ln(PPL(scheme) / PPL(reference))
    estimate ratio;                         // PPL(scheme) / PPL(reference)
    estimate difference;                    // PPL(scheme) - PPL(reference)
    double   correlation = undefined_value; // of the two losses over tokens
};

} // namespace qeval
