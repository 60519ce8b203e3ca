// The paired randomisation test, for metrics that are no proportions (losses of windows, log-likelihoods).
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <qeval/core/random.hpp>
#include <qeval/core/view.hpp>

namespace qeval {

// The two-sided p-value of the hypothesis that the differences are symmetric around 0 (Fisher 1935): the share of sign
// assignments whose |sum| is at least the observed one. It takes all 2^n assignments where these are at most
// `replicates`, else `replicates` random ones, and counts the observed assignment with them, so that p is never 0.
[[nodiscard]] inline double sign_flip_test(std::span<double const> differences, index replicates, std::uint64_t seed) {
    std::size_t const n        = differences.size();
    double            observed = 0, magnitude = 0;
    for (double d : differences) {
        observed += d;
        magnitude += std::abs(d);
    }
    if (std::isnan(observed)) return observed;
    double const threshold = std::abs(observed) - 1e-12 * magnitude; // because equal sums may differ by rounding
    auto const   extreme   = [&](auto const& negative) {
        double sum = 0;
        for (std::size_t i = 0; i < n; ++i) sum += negative(i) ? -differences[i] : differences[i];
        return std::abs(sum) >= threshold;
    };
    index hits = 0;
    if (n < 62 && (index{1} << n) <= replicates) {
        index const all = index{1} << n;
        for (index signs = 0; signs < all; ++signs) {
            if (extreme([&](std::size_t i) { return ((signs >> i) & 1) != 0; })) ++hits;
        }
        return static_cast<double>(hits) / static_cast<double>(all);
    }
    for (index r = 0; r < replicates; ++r) { // one draw gives 64 signs
        random_stream const draws(seed, static_cast<std::uint64_t>(r), 1);
        std::uint64_t       bits = 0;

        if (extreme([&](std::size_t i) {
                if (i % 64 == 0) bits = draws.bits(i / 64);
                return ((bits >> (i % 64)) & 1u) != 0;
            })) {
            ++hits;
        }
    }
    return static_cast<double>(hits + 1) / static_cast<double>(replicates + 1);
}

} // namespace qeval
