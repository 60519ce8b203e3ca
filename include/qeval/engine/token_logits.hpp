// What a model says of token ids, without a tokenizer: the logits after each of them, and the most likely continuation.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>
#include <qeval/model/causal_lm.hpp>

namespace qeval {

namespace detail {

// Reads `ids` in passes of at most pass_tokens tokens. The logits after the tokens [wanted, end) go to sink(rows).
template <class Sink>
void read_tokens(causal_lm& model, sequence_state& state, std::span<token const> ids, index pass_tokens, index wanted,
                 Sink const& sink) {
    for (index begin = 0; begin < std::ssize(ids); begin += pass_tokens) {
        index const         count = std::min(pass_tokens, std::ssize(ids) - begin);
        sequence_step const step{&state, ids.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(count)),
                                 std::clamp<index>(wanted - begin, 0, count)};
        model.forward({&step, 1}, [&](std::span<logit_row const>, logit_rows const& rows) { sink(rows); });
    }
}

} // namespace detail

// Calls sink(matrix_view<float const>) with the logits after each of `ids`, in order, some rows [n, vocabulary] at a
// time.
template <class Sink>
void read_logits(causal_lm& model, std::span<token const> ids, index pass_tokens, Sink const& sink) {
    auto const state = model.start();
    detail::read_tokens(model, *state, ids, pass_tokens, 0, [&](logit_rows const& rows) { sink(rows.to_host()); });
}

// The `count` tokens that follow `ids`, which must not be empty: each is the most likely one after all before it, of
// equals the one with the lowest id. No token ends the continuation. next() is called before each token and may throw.
// Logits that are not finite are refused (file_error EN04).
template <class Next>
[[nodiscard]] std::vector<token> continue_greedily(causal_lm& model, std::span<token const> ids, index count,
                                                   index pass_tokens, Next const& next) {
    std::vector<token> out;
    auto const         take = [&](logit_rows const& rows) {
        logit_target const any{};
        token const        best = rows.summarize({&any, 1}, exponentials::f32)[0].best;
        if (best < 0) {
            throw file_error{{"EN04", "the continuation, token " + std::to_string(out.size()),
                              "logits that are not finite", "numbers",
                              "weights that are damaged, or activations that overflow"}};
        }
        out.push_back(best);
    };
    auto const state = model.start();
    next();
    detail::read_tokens(model, *state, ids, pass_tokens, std::ssize(ids) - 1, take);
    while (std::ssize(out) < count) {
        next();
        token const last = out.back();
        detail::read_tokens(model, *state, {&last, 1}, 1, 0, take);
    }
    return out;
}

} // namespace qeval
