// The standard normal distribution: its distribution function and quantiles.
#pragma once

#include <cmath>
#include <limits>

namespace qeval {

// P(Z <= x)
[[nodiscard]] inline double normal_cdf(double x) { return 0.5 * std::erfc(-x * 0.70710678118654752440); }

// The x with P(Z <= x) = p. Halley steps improve the leading term of the expansion of the lower tail. The upper half is
// the reflection of the lower one.
[[nodiscard]] inline double normal_quantile(double p) {
    if (!(p > 0 && p < 1)) {
        if (p == 0) return -std::numeric_limits<double>::infinity();
        if (p == 1) return std::numeric_limits<double>::infinity();
        return std::numeric_limits<double>::quiet_NaN();
    }
    if (p > 0.5) return -normal_quantile(1 - p);
    double const t = std::sqrt(-2 * std::log(p));
    double       x = -t + (2.30753 + 0.27061 * t) / (1 + t * (0.99229 + t * 0.04481)); // its error is below 3e-3
    for (int i = 0; i < 4; ++i) { // each step triples the correct digits
        double const density = 0.39894228040143267794 * std::exp(-0.5 * x * x);
        double const u       = (normal_cdf(x) - p) / density;
        x -= u / (1 + 0.5 * x * u);
    }
    return x;
}

} // namespace qeval
