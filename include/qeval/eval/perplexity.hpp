// Perplexity of a text: from an engine's logits to the protocol's number and its error.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/engine/concepts.hpp>
#include <qeval/eval/log_softmax.hpp>
#include <qeval/eval/mean.hpp>
#include <qeval/eval/perplexity_result.hpp>
#include <qeval/eval/text_windows.hpp>

namespace qeval {

// -log p of each scored token, in slot order. `batch_tokens` bounds what one call of the engine is given (at least one
// window); progress(windows done, slots done, values) is called after each.
template <logit_engine E, class Progress>
[[nodiscard]] std::vector<double> token_losses(E& engine, text_windows const& text, index batch_tokens,
                                               Progress const& progress) {
    std::vector<double> nll(static_cast<std::size_t>(text.positions()), undefined_value);
    index const         batch = std::max<index>(1, batch_tokens / text.window);
    for (index w = 0; w < text.count; w += batch) {
        index const end = std::min(text.count, w + batch);
        for_each_scored(engine, text, w, end, [&](index slot, std::span<float const> logits, token next) {
            nll[static_cast<std::size_t>(slot)] =
                normalise(logits).log_sum_exp - static_cast<double>(logits[static_cast<std::size_t>(next)]);
        });
        progress(end, std::span<double const>(nll).first(static_cast<std::size_t>(end * text.scored())));
    }
    return nll;
}

// The mean loss of each window: the items of a perplexity task.
[[nodiscard]] inline std::vector<double> window_means(std::span<double const> nll, index scored) {
    std::vector<double> means;
    for (std::size_t at = 0; at < nll.size(); at += static_cast<std::size_t>(scored)) {
        means.push_back(mean_of(nll.subspan(at, static_cast<std::size_t>(scored))).value);
    }
    return means;
}

// Windows hold equally many scored tokens, so the mean over tokens (llama.cpp) and the mean of window means (GPTQ) are
// one number. The error takes tokens as independent, as llama.cpp does; neighbouring losses are correlated, so it is a
// lower bound.
[[nodiscard]] inline perplexity_result perplexity_of(std::span<double const> nll, text_windows const& text) {
    perplexity_result r;
    r.protocol      = text.protocol;
    r.mean_nll      = mean_of(nll);
    r.perplexity    = exp_of(r.mean_nll);
    r.window        = text.window;
    r.windows       = text.count;
    r.scored_tokens = static_cast<index>(nll.size());
    r.text_tokens   = text.text_tokens;
    r.not_finite =
        static_cast<index>(std::count_if(nll.begin(), nll.end(), [](double x) { return !std::isfinite(x); }));
    r.text_sha256 = text.text_sha256;
    return r;
}

// llama.cpp's ratio and difference: with s, r the mean losses and c their covariance,
//   ln ratio = s - r  +- sqrt(ds^2 + dr^2 - 2 c),     difference = S - R  +- sqrt(dS^2 + dR^2 - 2 S R c)
[[nodiscard]] inline perplexity_change change_of(std::span<double const> scheme, std::span<double const> reference) {
    estimate const    s = mean_of(scheme), r = mean_of(reference);
    estimate const    big_s = exp_of(s), big_r = exp_of(r);
    double const      c    = covariance_of_means(scheme, reference);
    auto const        root = [](double v) { return v < 0 ? 0.0 : std::sqrt(v); }; // equal losses: rounding below 0
    perplexity_change change;
    change.log_ratio   = {s.value - r.value, root(s.error * s.error + r.error * r.error - 2 * c)};
    change.ratio       = exp_of(change.log_ratio);
    change.difference  = {big_s.value - big_r.value, root(big_s.error * big_s.error + big_r.error * big_r.error -
                                                          2 * big_s.value * big_r.value * c)};
    change.correlation = c / (s.error * r.error);
    return change;
}

} // namespace qeval
