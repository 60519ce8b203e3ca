// Perplexity of a text: makes the protocol's number and its error of an engine's logits.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/result/perplexity_result.hpp>
#include <qeval/eval/statistics/mean.hpp>
#include <qeval/eval/task/text_windows.hpp>
#include <qeval/model/logit_rows.hpp>

namespace qeval {

// Writes the loss -ln p of each scored token of windows [begin, end) into nll[slot].
inline void add_token_losses(logit_source& engine, text_windows const& text, index begin, index end,
                             std::span<double> nll) {
    for_each_scored(engine, text, begin, end,
                    [&](std::span<index const> slots, std::span<logit_target const> targets, logit_rows const& logits) {
                        auto const read = logits.summarize(targets, exponentials::f64);
                        for (std::size_t i = 0; i < slots.size(); ++i)
                            nll[static_cast<std::size_t>(slots[i])] = read[i].loss();
                    });
}

// The losses -ln p of all scored tokens, in the order of slots. One call of the engine is given windows of at most
// `batch_tokens` tokens together, but at least one window; progress(windows done, losses so far) is called after each.
template <class Progress>
[[nodiscard]] std::vector<double> token_losses(logit_source& engine, text_windows const& text, index batch_tokens,
                                               Progress const& progress) {
    std::vector<double> nll(static_cast<std::size_t>(text.positions()), undefined_value);
    for (index w = 0; w < text.count();) {
        index const end = text.batch_end(w, batch_tokens);
        add_token_losses(engine, text, w, end, nll);
        progress(end, std::span<double const>(nll).first(static_cast<std::size_t>(text.slots_before(end))));
        w = end;
    }
    return nll;
}

// The mean loss of each window. Windows are the items of a perplexity task.
[[nodiscard]] inline std::vector<double> window_means(std::span<double const> nll, text_windows const& text) {
    std::vector<double> means;
    for (auto const& w : text.windows) {
        means.push_back(
            mean_of(nll.subspan(static_cast<std::size_t>(w.slot), static_cast<std::size_t>(w.scored()))).value);
    }
    return means;
}
// The value of each window for a metric: the mean over windows is the metric, before exp.
[[nodiscard]] inline std::vector<double> window_values(std::span<double const> means, text_windows const& text,
                                                       text_metric const& metric) {
    std::vector<double> values;
    for (std::size_t w = 0; w < means.size(); ++w)
        values.push_back(means[w] * text.share(static_cast<index>(w), metric));
    return values;
}

// The first metric. Where all windows have equally many scored tokens, the mean over tokens (llama.cpp) and the mean of
// the windows' means (GPTQ) are one number. Its error then takes tokens to be independent, as llama.cpp does; losses of
// neighbours are correlated, so this is a lower bound. Otherwise the error is that of the mean over windows.
[[nodiscard]] inline perplexity_result perplexity_of(std::span<double const> nll, text_windows const& text) {
    perplexity_result r;
    r.protocol = text.protocol;
    r.mean_nll = mean_of(nll);
    r.perplexity =
        exp_of(text.uniform() ? r.mean_nll : mean_of(window_values(window_means(nll, text), text, text.metrics[0])));
    r.window        = text.longest();
    r.windows       = text.count();
    r.scored_tokens = static_cast<index>(nll.size());
    r.text_tokens   = text.text_tokens;
    r.not_finite =
        static_cast<index>(std::count_if(nll.begin(), nll.end(), [](double x) { return !std::isfinite(x); }));
    r.text_sha256 = text.text_sha256;
    return r;
}

// Ratio and difference as llama.cpp defines them. With the mean losses s and r, S = exp(s), R = exp(r), their errors
// ds, dr, dS, dR, and the covariance c of s and r:
//   ln ratio = s - r  +- sqrt(ds^2 + dr^2 - 2 c),     difference = S - R  +- sqrt(dS^2 + dR^2 - 2 S R c)
[[nodiscard]] inline perplexity_change change_of(std::span<double const> scheme, std::span<double const> reference) {
    estimate const    s = mean_of(scheme), r = mean_of(reference);
    estimate const    big_s = exp_of(s), big_r = exp_of(r);
    double const      c    = covariance_of_means(scheme, reference);
    auto const        root = [](double v) { return v < 0 ? 0.0 : std::sqrt(v); }; // equal losses may round below 0
    perplexity_change change;
    change.log_ratio   = {s.value - r.value, root(s.error * s.error + r.error * r.error - 2 * c)};
    change.ratio       = exp_of(change.log_ratio);
    change.difference  = {big_s.value - big_r.value, root(big_s.error * big_s.error + big_r.error * big_r.error -
                                                          2 * big_s.value * big_r.value * c)};
    change.correlation = c / (s.error * r.error);
    return change;
}

} // namespace qeval
