// Means with their standard errors, and the sums that they are made of.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include <qeval/eval/statistics/estimate.hpp>

namespace qeval {

// The sum of term(i) over [begin, end), added as a balanced tree of blocks of 64. Its rounding error grows with log n,
// and the result depends on nothing but the values and their order.
template <class Term>
[[nodiscard]] double tree_sum(std::size_t begin, std::size_t end, Term const& term) {
    if (end - begin <= 64) {
        double s = 0;
        for (std::size_t i = begin; i < end; ++i) s += term(i);
        return s;
    }
    std::size_t const half = begin + (end - begin + 63) / 128 * 64;
    return tree_sum(begin, half, term) + tree_sum(half, end, term);
}

// The mean of x and its standard error sd / sqrt(n), where sd^2 = sum((x - mean)^2) / (n - 1). It is the error that
// lm-eval gives and, up to rounding, llama.cpp's sqrt((E[x^2] - E[x]^2) / (n - 1)). The error of one value is NaN; so
// is the mean of none.
[[nodiscard]] inline estimate mean_of(std::span<double const> x) {
    if (x.empty()) return {};
    auto const   n    = static_cast<double>(x.size());
    double const mean = tree_sum(0, x.size(), [&](std::size_t i) { return x[i]; }) / n;
    if (x.size() == 1) return {mean, undefined_value};
    double const squares = tree_sum(0, x.size(), [&](std::size_t i) { return (x[i] - mean) * (x[i] - mean); });
    return {mean, std::sqrt(squares / (n - 1) / n)};
}

// The covariance of the two means: sum((x - mean x) (y - mean y)) / (n - 1) / n. NaN for fewer than two values, or for
// lists of different sizes.
[[nodiscard]] inline double covariance_of_means(std::span<double const> x, std::span<double const> y) {
    if (x.size() != y.size() || x.size() < 2) return undefined_value;
    auto const   n  = static_cast<double>(x.size());
    double const mx = mean_of(x).value, my = mean_of(y).value;
    return tree_sum(0, x.size(), [&](std::size_t i) { return (x[i] - mx) * (y[i] - my); }) / (n - 1) / n;
}

// exp of a mean m; its error by the delta method: exp(m) * error.
[[nodiscard]] inline estimate exp_of(estimate mean) {
    double const v = std::exp(mean.value);
    return {v, v * mean.error};
}

// The square root of a mean m; its error by the delta method: error / (2 sqrt(m)).
[[nodiscard]] inline estimate sqrt_of(estimate mean) {
    double const v = std::sqrt(mean.value);
    return {v, v > 0 ? 0.5 / v * mean.error : mean.error * 0};
}

} // namespace qeval
