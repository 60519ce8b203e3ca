// Intervals for proportions.
#pragma once

#include <cmath>

#include <qeval/core/view.hpp>
#include <qeval/eval/statistics/estimate.hpp>
#include <qeval/eval/statistics/normal.hpp>

namespace qeval {

// Wilson's score interval for `hits` of `n` (Wilson 1927): all p0 that the score test does not reject. It stays within
// [0, 1] and has a width even for 0 or n hits.
[[nodiscard]] inline interval wilson_interval(index hits, index n, double level = 0.05) {
    if (n <= 0) return {};
    auto const   count  = static_cast<double>(n);
    double const p      = static_cast<double>(hits) / count;
    double const z      = -normal_quantile(level / 2);
    double const z2n    = z * z / count;
    double const centre = (p + z2n / 2) / (1 + z2n);
    double const half   = z / (1 + z2n) * std::sqrt((p * (1 - p) + z2n / 4) / count);
    return {hits == 0 ? 0 : centre - half, hits == n ? 1 : centre + half};
}

} // namespace qeval
