// Holm's step-down correction for many comparisons.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>
#include <vector>

namespace qeval {

// The adjusted p-values, in the order of `p` (Holm 1979). Of m values the i-th smallest (from 0) is multiplied by m -
// i; then each becomes at least as large as the one before it, and at most 1. This bounds the chance of even one false
// claim, however the tests depend on each other. NaN stays NaN and is not counted in m.
[[nodiscard]] inline std::vector<double> holm_adjusted(std::span<double const> p) {
    std::vector<double>      adjusted(p.begin(), p.end());
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < p.size(); ++i) {
        if (!std::isnan(p[i])) order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
    double floor = 0;
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
        floor = std::max(floor, std::min(1.0, static_cast<double>(order.size() - rank) * p[order[rank]]));
        adjusted[order[rank]] = floor;
    }
    return adjusted;
}

} // namespace qeval
