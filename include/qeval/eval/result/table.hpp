// Compares every row of a result with the reference's row: paired tests, a correction over the whole table, and a
// sentence for each comparison.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/statistics/compare.hpp>
#include <qeval/eval/statistics/holm.hpp>
#include <qeval/eval/statistics/verdict.hpp>

namespace qeval {

inline void compare_tasks(task_scores& scheme, task_scores const& reference, comparison_options const& options) {
    for (std::size_t m = 0; m < scheme.metrics.size(); ++m) {
        auto const mine = metric_values(scheme.outcomes, m), base = metric_values(reference.outcomes, m);
        scheme.metrics[m].against_reference = compare(mine, base, scheme.metrics[m].metric, options);
    }
}

// Fills in against_reference of every metric. Row 0 is the reference. Holm's correction is over all comparisons of the
// table.
inline void compare_with_reference(evaluation_scores& scores) {
    struct entry {
        metric_scores*   metric;
        std::string_view unit;
    };
    std::vector<entry>  entries;
    std::vector<double> p;
    auto const          take = [&](task_scores& scheme, task_scores const& reference, std::string_view unit) {
        compare_tasks(scheme, reference, scores.statistics);
        for (auto& m : scheme.metrics) {
            entries.push_back({&m, unit});
            p.push_back(m.against_reference->p);
        }
    };
    for (std::size_t row = 1; row < scores.schemes.size(); ++row) {
        auto&       scheme    = scores.schemes[row];
        auto const& reference = scores.schemes[0];
        for (std::size_t i = 0; i < scheme.texts.size(); ++i)
            take(scheme.texts[i].task, reference.texts[i].task, "windows");
        for (std::size_t i = 0; i < scheme.tasks.size(); ++i) take(scheme.tasks[i], reference.tasks[i], "items");
    }
    auto const adjusted = holm_adjusted(p);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        comparison& c = *entries[i].metric->against_reference;
        c.p_holm      = adjusted[i];
        c.sentence    = verdict(c, entries[i].metric->metric, scores.reference, scores.statistics, entries[i].unit);
    }
}

} // namespace qeval
