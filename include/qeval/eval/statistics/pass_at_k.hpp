// pass@k: the chance that at least one of k samples of a problem passes (Chen et al. 2021).
#pragma once

#include <qeval/core/view.hpp>

namespace qeval {

// The unbiased estimate from n samples of which c have passed, k <= n: 1 - C(n - c, k) / C(n, k), computed as a product
// that cannot overflow.
[[nodiscard]] constexpr double pass_at_k(index n, index c, index k) {
    if (n - c < k) return 1;
    double none = 1;
    for (index j = n - c + 1; j <= n; ++j) none *= 1 - static_cast<double>(k) / static_cast<double>(j);
    return 1 - none;
}

} // namespace qeval
