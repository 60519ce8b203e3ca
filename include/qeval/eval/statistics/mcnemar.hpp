// Exact McNemar test: are flips in the two directions equally likely?
#pragma once

#include <algorithm>

#include <qeval/core/view.hpp>

namespace qeval {

// Two-sided p-value for `worse` and `better` discordant pairs: min(1, 2 P(X <= min)), X ~ Binomial(worse + better,
// 1/2). Weights C(n, i) / C(n, n/2) follow from their neighbours by the ratio i / (n - i + 1) and are summed from the
// centre outwards, so nothing overflows and no factorial is taken; weights that underflow cannot matter.
[[nodiscard]] inline double mcnemar_exact(index worse, index better) {
    index const n = worse + better, k = std::min(worse, better);
    if (n == 0 || 2 * k == n) return 1;
    index const middle = n / 2;
    double      weight = 1, below = 0, tail = 0; // below: all i <= middle; tail: all i <= k
    for (index i = middle; i >= 0 && weight > 0; --i) {
        below += weight;
        if (i <= k) tail += weight;
        weight *= static_cast<double>(i) / static_cast<double>(n - i + 1);
    }
    double const total = n % 2 == 0 ? 2 * below - 1 : 2 * below; // an even n has the centre once
    return std::min(1.0, 2 * tail / total);
}

} // namespace qeval
