// Weights to measure formats on: independent draws of unit variance, the same on every machine up to the last bit of
// the C library's logarithm and cosine.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include <qeval/core/random.hpp>
#include <qeval/core/view.hpp>

namespace qeval {

// Normally distributed numbers, by Box and Muller.
[[nodiscard]] inline std::vector<float> gaussian_sample(index n, std::uint64_t seed = 1) {
    random_stream const draw(seed);
    std::vector<float>  w(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < w.size(); ++i) {
        double const radius = std::sqrt(-2 * std::log(1 - draw.uniform(2 * i)));
        w[i]                = static_cast<float>(radius * std::cos(6.283185307179586 * draw.uniform(2 * i + 1)));
    }
    return w;
}

// Numbers of the Laplace distribution, density e^(-sqrt(2) |x|) / sqrt(2): heavier tails, as rows with outliers have.
[[nodiscard]] inline std::vector<float> laplace_sample(index n, std::uint64_t seed = 1) {
    random_stream const draw(seed);
    std::vector<float>  w(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < w.size(); ++i) {
        double const u = draw.uniform(i) - 0.5; // [-0.5, 0.5)
        w[i] = static_cast<float>((u < 0 ? 1 : -1) * std::log(1 - 2 * std::fabs(u) + 1e-300) * std::sqrt(0.5));
    }
    return w;
}

} // namespace qeval
