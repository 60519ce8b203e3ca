// Percentiles of a sample.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <qeval/eval/statistics/estimate.hpp>

namespace qeval {

// Percentiles by linear interpolation between order statistics (numpy's default), so that the 50th is the median.
struct percentile_table {
    double max = undefined_value, p999 = undefined_value, p99 = undefined_value, p95 = undefined_value;
    double p90 = undefined_value, p75 = undefined_value, median = undefined_value, p25 = undefined_value;
    double p10 = undefined_value, p5 = undefined_value, p1 = undefined_value, p01 = undefined_value;
    double min = undefined_value;
};

// The values in ascending order. NaN is sorted behind all numbers.
template <class T>
[[nodiscard]] std::vector<T> ascending(std::span<T const> values) {
    std::vector<T> v(values.begin(), values.end());
    std::sort(v.begin(), v.end(), [](T a, T b) { return std::isnan(b) ? !std::isnan(a) : a < b; });
    return v;
}

// The value at rank fraction * (n - 1) of ascending values, interpolated linearly: numpy's default, and llama.cpp's
// rule. NaN where there are no values.
template <class T>
[[nodiscard]] double percentile(std::vector<T> const& sorted, double fraction) {
    if (sorted.empty()) return undefined_value;
    double const      rank = std::clamp(fraction, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
    auto const        low  = static_cast<std::size_t>(rank);
    std::size_t const high = std::min(low + 1, sorted.size() - 1);
    auto const        a = static_cast<double>(sorted[low]), b = static_cast<double>(sorted[high]);
    double const      part = rank - static_cast<double>(low);
    return part == 0 ? a : a + part * (b - a);
}

template <class T>
[[nodiscard]] percentile_table percentiles_of(std::span<T const> values) {
    auto const s = ascending(values);
    return {percentile(s, 1),    percentile(s, 0.999), percentile(s, 0.99), percentile(s, 0.95), percentile(s, 0.90),
            percentile(s, 0.75), percentile(s, 0.50),  percentile(s, 0.25), percentile(s, 0.10), percentile(s, 0.05),
            percentile(s, 0.01), percentile(s, 0.001), percentile(s, 0)};
}

} // namespace qeval
