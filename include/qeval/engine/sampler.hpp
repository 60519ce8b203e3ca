// Picks the next token from logits: the most likely one, or a draw after temperature, top-k and top-p, in that order.
// The random number for token n of a text is a function of (seed, document, sample, n) alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/random.hpp>
#include <qeval/engine/requests.hpp>

namespace qeval {

// The lowest index of the largest logit; -1 where a logit is infinite or NaN, or there is none.
[[nodiscard]] inline token greedy_token(std::span<float const> logits) {
    index best = -1;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        if (!std::isfinite(logits[i])) return -1;
        if (best < 0 || logits[i] > logits[std::size_t(best)]) best = index(i);
    }
    return token(best);
}

class sampler {
public:
    explicit sampler(sampling const& how) : how_(how), draws_(how.seed, how.document, how.sample) {
        require(how.temperature >= 0 && std::isfinite(how.temperature), "temperature", how.temperature,
                "a finite number >= 0");
        require(how.top_p > 0 && how.top_p <= 1, "top_p", how.top_p, "in (0, 1]");
        require(how.top_k >= 0, "top_k", double(how.top_k), ">= 0 (0: all)");
    }

    // The token at `place` of the generated text (from 0), given the logits [vocabulary]; -1 where a logit is not
    // finite. P(i) is proportional to e^(logit / temperature) over the tokens that top-k and then top-p keep: top-p
    // keeps the shortest list of most likely tokens that holds at least that share of what top-k has kept.
    [[nodiscard]] token pick(std::span<float const> logits, index place) const {
        token const best = greedy_token(logits);
        if (best < 0 || how_.temperature == 0) return best;
        std::vector<double> weight(logits.size()); // e^((logit - largest) / temperature)
        for (std::size_t i = 0; i < logits.size(); ++i) {
            weight[i] = std::exp((double(logits[i]) - double(logits[std::size_t(best)])) / how_.temperature);
        }
        if (how_.top_k > 0 || how_.top_p < 1) keep_likeliest(logits, weight);
        double total = 0;
        for (double const w : weight) total += w;
        double const target = draws_.uniform(std::uint64_t(place)) * total;
        double       sum    = 0;
        token        last   = best;
        for (std::size_t i = 0; i < weight.size(); ++i) {
            if (weight[i] == 0) continue;
            sum += weight[i];
            last = token(i);
            if (sum > target) break;
        }
        return last;
    }

private:
    // Sets the weights of tokens that top-k or top-p leave out to 0. Of equal logits the lower index is kept.
    void keep_likeliest(std::span<float const> logits, std::vector<double>& weight) const {
        std::vector<std::size_t> order(logits.size());
        std::iota(order.begin(), order.end(), std::size_t(0));
        auto const k = how_.top_k > 0 ? std::min(std::size_t(how_.top_k), order.size()) : order.size();
        std::partial_sort(
            order.begin(), order.begin() + std::ptrdiff_t(k), order.end(),
            [&](std::size_t a, std::size_t b) { return logits[a] != logits[b] ? logits[a] > logits[b] : a < b; });
        double total = 0;
        for (std::size_t i = 0; i < k; ++i) total += weight[order[i]];
        double      sum  = 0;
        std::size_t kept = 0; // the shortest prefix that holds top_p of the probability
        while (kept < k && (kept == 0 || sum < how_.top_p * total)) sum += weight[order[kept++]];
        for (std::size_t i = kept; i < order.size(); ++i) weight[order[i]] = 0;
    }
    static void require(bool good, char const* name, double found, char const* expected) {
        if (!good) throw usage_error{{"EN02", name, std::to_string(found), expected, ""}};
    }

    sampling      how_;
    random_stream draws_;
};

} // namespace qeval
