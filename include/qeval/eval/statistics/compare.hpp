// Makes the paired comparison of one metric between two schemes.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <qeval/eval/statistics/bootstrap.hpp>
#include <qeval/eval/statistics/comparison.hpp>
#include <qeval/eval/statistics/mcnemar.hpp>
#include <qeval/eval/statistics/mean.hpp>
#include <qeval/eval/statistics/power.hpp>
#include <qeval/eval/statistics/sign_flip.hpp>
#include <qeval/eval/task/outcome.hpp>

namespace qeval {

// `scheme` and `reference` hold the metric's value for the same items in the same order. `p_holm` is set to p and
// `sentence` is empty: compare_with_reference() (eval/result/table.hpp), which knows the whole table, sets both. For
// exp_of_mean the test compares the means; difference and interval are those of the exponentials, with the reference's
// taken as a constant.
[[nodiscard]] inline comparison compare(std::span<double const> scheme, std::span<double const> reference,
                                        metric_spec const& metric, comparison_options const& options) {
    comparison c;
    c.n = static_cast<index>(scheme.size());
    std::vector<double> d(scheme.size()); // scheme - reference, item by item
    for (std::size_t i = 0; i < d.size(); ++i) {
        d[i] = scheme[i] == reference[i] ? 0 : scheme[i] - reference[i]; // so that equal infinities differ by 0
        if (d[i] != 0) ++((d[i] > 0) == metric.higher_is_better ? c.better : c.worse);
    }
    c.difference = mean_of(d);
    c.bootstrap  = bootstrap_interval(d, options.replicates, options.seed, options.level);

    auto const   n     = static_cast<double>(c.n);
    double const delta = std::abs(c.difference.value);
    if (metric.kind == metric_kind::proportion) {
        double const discordant = static_cast<double>(c.better + c.worse) / n;
        c.test                  = paired_test::mcnemar_exact;
        c.p                     = mcnemar_exact(c.worse, c.better);
        c.detectable            = mcnemar_detectable(discordant, n, options.level, options.power);
        c.needed                = mcnemar_items(discordant, delta, options.level, options.power);
    } else {
        double const sd = c.difference.error * std::sqrt(n);
        c.test          = paired_test::sign_flip;
        c.p             = sign_flip_test(d, options.replicates, options.seed);
        c.detectable    = mean_detectable(sd, n, options.level, options.power);
        c.needed        = mean_items(sd, delta, options.level, options.power);
    }
    if (metric.kind == metric_kind::exp_of_mean) { // exp(m + d) - exp(m), error by the delta method
        double const base  = std::exp(mean_of(reference).value);
        double const value = base * std::exp(c.difference.value);
        c.difference       = {base * std::expm1(c.difference.value), value * c.difference.error};
        c.bootstrap        = {base * std::expm1(c.bootstrap.low), base * std::expm1(c.bootstrap.high)};
        c.detectable       = base * std::expm1(c.detectable);
    }
    c.p_holm = c.p;
    return c;
}

} // namespace qeval
