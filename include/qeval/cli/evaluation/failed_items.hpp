// Ends a run whose items failed with a status of its own, once everything is written.
#pragma once

#include <cstddef>
#include <string>

#include <qeval/core/counted.hpp>
#include <qeval/core/error.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/report/text/item_counts_text.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::cli {

// Throws item_error EV20, which names the first task and scheme, where of any task under any scheme a larger share of
// the items that the run answered failed than max_failed.
inline void refuse_failed_items(evaluation_run const& run, double max_failed) {
    std::string place, found;
    std::size_t others = 0;
    for (auto const& s : run.schemes) {
        for (auto const& t : s.counts) {
            if (!t.counts.failed_more_than(max_failed)) continue;
            others += !place.empty();
            if (!place.empty()) continue;
            place = "the task " + t.task + " under " + s.scheme;
            found = text("{} of {} that failed: ", t.counts.failed, counted(t.counts.items, t.unit)) +
                    failures_text(t.counts);
        }
    }
    if (place.empty()) return;
    if (others > 0) found += text("; scores like it: {} more", others);
    throw item_error{
        {"EV20", place, found, text("a share of at most {:g} (--max-failed)", max_failed),
         "prompts longer than the model's context, or weights that are no numbers; the results are written"}};
}

} // namespace qeval::cli
