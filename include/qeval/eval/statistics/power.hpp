// How many items show a difference, and which difference n items can show.
#pragma once

#include <cmath>
#include <limits>

#include <qeval/eval/statistics/estimate.hpp>
#include <qeval/eval/statistics/normal.hpp>

namespace qeval {

// The number of items n that McNemar's test needs to find a net effect `delta` = |better - worse| / n with probability
// `power`, where the share `discordant` = d = (better + worse) / n of the items flips (Connor 1987):
//   n = (z_a sqrt(d) + z_b sqrt(d - delta^2))^2 / delta^2
// z_a is the normal quantile of 1 - level / 2 (two-sided), z_b that of `power`. Infinite where delta is 0.
[[nodiscard]] inline double mcnemar_items(double discordant, double delta, double level, double power) {
    if (!(delta > 0)) return std::numeric_limits<double>::infinity();
    double const za = -normal_quantile(level / 2), zb = normal_quantile(power);
    double const root = za * std::sqrt(discordant) + zb * std::sqrt(std::fmax(0.0, discordant - delta * delta));
    return root * root / (delta * delta);
}

// The smallest net effect that n items with that share of flips show: the inverse of mcnemar_items, found by bisection
// on (0, discordant]. NaN where n items would not even show flips that all go in one direction.
[[nodiscard]] inline double mcnemar_detectable(double discordant, double n, double level, double power) {
    if (!(discordant > 0) || mcnemar_items(discordant, discordant, level, power) > n) return undefined_value;
    double low = 0, high = discordant;
    for (int i = 0; i < 100; ++i) {
        double const middle                                                = 0.5 * (low + high);
        (mcnemar_items(discordant, middle, level, power) > n ? low : high) = middle;
    }
    return high;
}

// The same two numbers for a mean of differences with standard deviation `sd`, by the normal approximation: n = ((z_a +
// z_b) sd / delta)^2.
[[nodiscard]] inline double mean_items(double sd, double delta, double level, double power) {
    if (!(delta > 0)) return std::numeric_limits<double>::infinity();
    double const root = (normal_quantile(power) - normal_quantile(level / 2)) * sd / delta;
    return root * root;
}
[[nodiscard]] inline double mean_detectable(double sd, double n, double level, double power) {
    return (normal_quantile(power) - normal_quantile(level / 2)) * sd / std::sqrt(n);
}

} // namespace qeval
