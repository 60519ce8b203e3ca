// Compares every row of a result with the reference's row: paired tests, a correction over the whole table, and a
// sentence for each comparison. What the reference failed is no baseline.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/statistics/compare.hpp>
#include <qeval/eval/statistics/holm.hpp>
#include <qeval/eval/statistics/verdict.hpp>

namespace qeval {

// Pairs are the items that the reference answered. An item that only the scheme failed counts as its task scores it:
// as wrong.
inline void compare_tasks(task_scores& scheme, task_scores const& reference, comparison_options const& options) {
    auto const values = [&](task_scores const& of, std::size_t m) {
        std::vector<double> v;
        for (std::size_t i = 0; i < reference.outcomes.size(); ++i)
            if (state_of(reference.outcomes[i]) != item_state::failed) v.push_back(of.outcomes[i].values[m]);
        return v;
    };
    for (std::size_t m = 0; m < scheme.metrics.size(); ++m) {
        scheme.metrics[m].against_reference =
            compare(values(scheme, m), values(reference, m), scheme.metrics[m].metric, options);
    }
}

// Whether the reference's answers are a baseline: at most the allowed share of them failed, and not all.
[[nodiscard]] inline bool is_baseline(item_counts const& reference, double max_failed) {
    return !reference.failed_more_than(max_failed) && (reference.failed < reference.items || reference.items == 0);
}

// Fills in against_reference of every metric, or not_compared of a task that the reference failed. Row 0 is the
// reference. A text of which it failed one window has no perplexity; then there is no change and no divergence, either.
// Holm's correction is over all comparisons of the table.
inline void compare_with_reference(evaluation_scores& scores) {
    struct entry {
        metric_scores*   metric;
        std::string_view unit;
        std::string      failed; // what failed and what was left out, in words
    };
    std::vector<entry>  entries;
    std::vector<double> p;
    auto const take = [&](task_scores& scheme, task_scores const& reference, std::string_view unit, double max_failed) {
        if (!is_baseline(reference, max_failed)) {
            scheme.not_compared = "not compared with " + scores.reference + ", which failed " +
                                  with_commas(reference.failed) + " of " + with_commas(reference.items) + " " +
                                  std::string(unit);
            return false;
        }
        compare_tasks(scheme, reference, scores.statistics);
        std::string failed;
        if (scheme.failed > 0) failed += "; failed: " + with_commas(scheme.failed);
        if (reference.failed > 0)
            failed += "; left out, since " + scores.reference + " failed: " + with_commas(reference.failed);
        for (auto& m : scheme.metrics) {
            entries.push_back({&m, unit, failed});
            p.push_back(m.against_reference->p);
        }
        return true;
    };
    for (std::size_t row = 1; row < scores.schemes.size(); ++row) {
        auto&       scheme    = scores.schemes[row];
        auto const& reference = scores.schemes[0];
        for (std::size_t i = 0; i < scheme.texts.size(); ++i) {
            if (take(scheme.texts[i].task, reference.texts[i].task, "windows", 0)) continue;
            scheme.texts[i].change.reset();
            scheme.texts[i].divergence.reset();
        }
        for (std::size_t i = 0; i < scheme.tasks.size(); ++i)
            take(scheme.tasks[i], reference.tasks[i], "items", scores.statistics.max_failed);
    }
    auto const adjusted = holm_adjusted(p);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        comparison& c = *entries[i].metric->against_reference;
        c.p_holm      = adjusted[i];
        c.sentence    = verdict(c, entries[i].metric->metric, scores.reference, scores.statistics, entries[i].unit) +
                     entries[i].failed;
    }
}

} // namespace qeval
