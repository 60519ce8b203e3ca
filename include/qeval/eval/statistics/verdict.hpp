// Puts a comparison into one plain sentence.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <qeval/eval/statistics/comparison.hpp>
#include <qeval/eval/task/outcome.hpp>

namespace qeval {

// 12345 -> "12,345"
[[nodiscard]] inline std::string with_commas(std::int64_t n) {
    std::string s = std::to_string(n);
    for (auto i = static_cast<std::int64_t>(s.size()) - 3; i > (n < 0 ? 1 : 0); i -= 3) {
        s.insert(static_cast<std::size_t>(i), 1, ',');
    }
    return s;
}

// Rounds up to two significant digits, since a predicted number of items is no more exact than that.
[[nodiscard]] inline std::int64_t rounded_up(double items) {
    double unit = 1;
    while (items / unit > 100) unit *= 10;
    return static_cast<std::int64_t>(std::ceil(items / unit) * unit);
}

// Numbers with as many digits as a sentence should have: "-2.5 points", "p = 0.003", "p < 0.0001".
[[nodiscard]] inline std::string sentence_difference(comparison const& c, metric_spec const& m) {
    char text[64];
    if (m.kind == metric_kind::proportion) {
        std::snprintf(text, sizeof text, "%+.1f points", 100 * c.difference.value);
    } else {
        std::snprintf(text, sizeof text, "%+.3g", c.difference.value);
    }
    return text;
}
[[nodiscard]] inline std::string sentence_p(double p) {
    if (p < 0.0001) return "p < 0.0001";
    char text[32];
    std::snprintf(text, sizeof text, "p = %.2g", p);
    return text;
}

// The verdict is by p_holm, so p-values must have been corrected before. `items` is the plural of what was counted:
// "items", "windows".
[[nodiscard]] inline std::string verdict(comparison const& c, metric_spec const& m, std::string_view reference,
                                         comparison_options const& options, std::string_view items = "items") {
    std::string const ref(reference), n = with_commas(c.n), unit(items);
    if (c.n == 0) return "not compared with " + ref + ": no " + unit;
    if (std::isnan(c.p)) return "not comparable with " + ref + ": a value is not a number";
    if (c.better + c.worse == 0) return "equal to " + ref + " on all " + n + " " + unit;
    if (c.p_holm < options.level) {
        bool const better = (c.difference.value > 0) == m.higher_is_better;
        return std::string(better ? "better than " : "worse than ") + ref + ": " + sentence_difference(c, m) +
               " at n=" + n + " (" + sentence_p(c.p_holm) + ")";
    }
    std::string s = "not distinguishable from " + ref + " at n=" + n + "; ";
    if (c.difference.value == 0) {
        return s + "no net difference (" + with_commas(c.better) + " flips each way)";
    }
    if (c.p < options.level) { // significant by itself, but not among so many comparisons
        return s + sentence_p(c.p) + " alone, " + sentence_p(c.p_holm) + " among all comparisons of the table";
    }
    if (!(c.needed < 1e9)) return s + "would need more than a billion " + unit;
    // The exact test needs a few more items than the formula says.
    double const needed = std::fmax(c.needed, static_cast<double>(c.n + 1));
    return s + "would need about " + with_commas(rounded_up(needed)) + " " + unit;
}

} // namespace qeval
