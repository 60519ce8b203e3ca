// Numbers as people read them. The only header that includes fmt.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <qeval/eval/statistics/estimate.hpp>

namespace qeval {

template <class... Args>
[[nodiscard]] std::string text(fmt::format_string<Args...> form, Args&&... args) {
    return fmt::format(form, std::forward<Args>(args)...);
}

inline constexpr char const* absent = "-"; // a cell without a value

[[nodiscard]] inline std::string fixed(double x, int digits) {
    return std::isnan(x) ? absent : fmt::format("{:.{}f}", x, digits);
}
[[nodiscard]] inline std::string percent(double x, int digits = 1) {
    return std::isnan(x) ? absent : fmt::format("{:.{}f}", 100 * x, digits);
}

// 12.345 +-0.12: the value to one digit more than its error has.
[[nodiscard]] inline std::string with_error(estimate e, double unit = 1) {
    if (std::isnan(e.value)) return absent;
    double const value = e.value * unit, error = e.error * unit;
    if (!(error > 0)) return fmt::format("{:.3f}", value);
    int const digits = std::min(6, std::max(0, 1 - static_cast<int>(std::floor(std::log10(error)))));
    return fmt::format("{:.{}f} ±{:.{}f}", value, digits, error, digits);
}
[[nodiscard]] inline std::string small(double x) { // three significant digits
    if (std::isnan(x)) return absent;
    return x != 0 && std::fabs(x) < 0.001 ? fmt::format("{:.1e}", x) : fmt::format("{:.3g}", x);
}
[[nodiscard]] inline std::string p_value(double p) {
    return std::isnan(p) ? absent : p < 0.001 ? "<.001" : fmt::format("{:.3f}", p);
}

[[nodiscard]] inline std::string bytes_text(std::uint64_t n) {
    double const mib = static_cast<double>(n) / (1 << 20);
    if (n < 1 << 20) return fmt::format("{:.2f} KiB", 1024 * mib);
    return mib < 1024 ? fmt::format("{:.2f} MiB", mib) : fmt::format("{:.2f} GiB", mib / 1024);
}

} // namespace qeval
