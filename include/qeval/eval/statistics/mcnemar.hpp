// The exact McNemar test of whether flips in the two directions are equally likely.
#pragma once

#include <algorithm>

#include <qeval/core/view.hpp>

namespace qeval {

// The two-sided p-value for `worse` and `better` discordant pairs: min(1, 2 P(X <= min(worse, better))), with X ~
// Binomial(n = worse + better, 1/2). The weights C(n, i) / C(n, n/2) are computed from the centre outwards, each from
// the one before it by the ratio i / (n - i + 1): nothing overflows, and weights that underflow are too small to
// matter.
[[nodiscard]] inline double mcnemar_exact(index worse, index better) {
    index const n = worse + better, k = std::min(worse, better);
    if (n == 0 || 2 * k == n) return 1;
    index const middle = n / 2;
    double      weight = 1, below = 0, tail = 0; // below: the sum over i <= middle; tail: over i <= k
    for (index i = middle; i >= 0 && weight > 0; --i) {
        below += weight;
        if (i <= k) tail += weight;
        weight *= static_cast<double>(i) / static_cast<double>(n - i + 1);
    }
    double const total = n % 2 == 0 ? 2 * below - 1 : 2 * below; // the centre of an even n counts once
    return std::min(1.0, 2 * tail / total);
}

} // namespace qeval
