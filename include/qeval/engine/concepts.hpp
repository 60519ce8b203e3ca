// Who answers: all that `eval/` sees of a model, wherever it runs.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>

namespace qeval {

// log P(continuation | context), tokens given. An empty context means: after the beginning-of-text token, if any.
struct score_request {
    std::vector<token> context;
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
    std::vector<token> prompt;
    sampling           how;
};

// Logits wanted at positions >= `first` of `tokens` (position p predicts token p + 1).
struct logit_request {
    std::span<token const> tokens;
    index                  first = 0;
};
// Called once for each wanted position, ascending within a sequence.
using logit_sink = std::function<void(index sequence, index position, std::span<float const> logits)>;

// Answers may be computed in any batch composition; they must not depend on it.
template <class E>
concept engine = requires(E& e, std::string_view text, std::span<token const> ids,
                          std::span<score_request const> scores, std::span<generate_request const> prompts) {
    { e.encode(text) } -> std::same_as<std::vector<token>>; // without special tokens
    { e.decode(ids) } -> std::same_as<std::string>;
    { e.bos() } -> std::convertible_to<token>; // -1 where the tokenizer adds none
    { e.eos() } -> std::convertible_to<token>;
    { e.max_tokens() } -> std::convertible_to<index>; // context length
    { e.log_likelihoods(scores) } -> std::same_as<std::vector<score>>;
    { e.generate(prompts) } -> std::same_as<std::vector<generation>>;
};

// What KL divergence and perplexity need on top.
template <class E>
concept logit_engine = engine<E> && requires(E& e, std::span<logit_request const> requests, logit_sink const& sink) {
    { e.vocab_size() } -> std::convertible_to<index>;
    e.logits(requests, sink);
};

} // namespace qeval
