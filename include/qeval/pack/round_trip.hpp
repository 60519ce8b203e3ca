// What encoding and decoding does to weights.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>

namespace qeval {

struct round_trip_error {
    double rmse   = 0; // root of the mean squared error, over the weights' root mean square
    double max    = 0; // largest absolute error, over the same
    double cosine = 1; // of the angle between the two matrices as vectors
};

[[nodiscard]] inline round_trip_error compare_round_trip(std::span<float const> weights,
                                                         std::span<float const> decoded) {
    double ww = 0, dd = 0, wd = 0, ee = 0, top = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        double const w = weights[i], d = decoded[i], e = d - w;
        ww += w * w, dd += d * d, wd += w * d, ee += e * e;
        top = std::fmax(top, std::fabs(e));
    }
    if (ww == 0) return {0, 0, 1};
    double const rms = std::sqrt(ww / static_cast<double>(weights.size()));
    return {std::sqrt(ee / ww), top / rms, dd == 0 ? 0 : wd / std::sqrt(ww * dd)};
}

} // namespace qeval
