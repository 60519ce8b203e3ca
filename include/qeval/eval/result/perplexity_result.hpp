// The perplexity of a text under a named protocol, and its change against a reference scheme.
#pragma once

#include <string>

#include <qeval/core/view.hpp>
#include <qeval/eval/statistics/estimate.hpp>

namespace qeval {

struct perplexity_result {
    std::string protocol;          // "llama.cpp half-window, n_ctx = 512"
    estimate    perplexity;        // error: PPL * sqrt((E[x^2] - E[x]^2) / (count - 1)) over scored tokens' -log p
    estimate    mean_nll;          // mean of -ln p over the scored tokens
    index       window        = 0; // tokens
    index       windows       = 0; // how many were evaluated
    index       scored_tokens = 0;
    index       text_tokens   = 0; // of the whole text, beginning-of-text token included
    index       not_finite    = 0; // scored tokens whose logits have NaN or infinity; one of them makes the value NaN
    std::string text_sha256;
};

// A scheme against the reference. Both have read the same tokens, so their losses are correlated: errors take the
// covariance into account (change_of in eval/text/perplexity.hpp).
struct perplexity_change {
    estimate log_ratio;                     // ln(PPL(scheme) / PPL(reference))
    estimate ratio;                         // PPL(scheme) / PPL(reference)
    estimate difference;                    // PPL(scheme) - PPL(reference)
    double   correlation = undefined_value; // between the losses of both, over tokens
};

} // namespace qeval
