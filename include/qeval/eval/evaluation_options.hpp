// How an evaluation is run, and what it reports while it runs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/statistics/comparison.hpp>
#include <qeval/eval/store/outcome_memory.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/work_meter.hpp>

namespace qeval {

// Is sent before an engine is built (`task` is empty then) and after each call of it.
struct evaluation_progress {
    std::string_view scheme; // "all" while several schemes are run window by window
    std::string_view task;
    std::string_view unit; // "items", "windows"
    index            done     = 0;
    index            total    = 0; // of this run: a shard has fewer than the task
    index            recalled = 0; // how many of those done come from an earlier run
    std::string_view metric;       // what `score` is
    double           score   = 0;  // over the units that are done
    double           seconds = 0;  // since this task began under this scheme
    index            failed  = 0;  // of the units that are done

    // Units that this run has done, a second, and seconds that are left.
    [[nodiscard]] double rate() const { return seconds > 0 ? static_cast<double>(done - recalled) / seconds : 0; }
    [[nodiscard]] double eta() const { return rate() > 0 ? static_cast<double>(total - done) / rate() : 0; }
};

// Is sent for each item that an engine was asked, once its answer has been judged and kept.
struct answered_question {
    std::string_view    scheme, task;
    index               item    = 0; // as the task numbers them
    index               total   = 0; // of the task
    item_outcome const* outcome = nullptr;
    metric_spec const*  metric  = nullptr; // the headline
    double              score   = 0;       // its mean over the items of this run up to this one
    index               failed  = 0;       // how many of those failed
};

// This run's part of the work: it is one of `count` runs, and each answers a contiguous range of the items of every
// task.
struct shard_number {
    index number = 1, count = 1;

    [[nodiscard]] bool  whole() const { return count == 1; }
    [[nodiscard]] index first(index items) const { return items * (number - 1) / count; }
    [[nodiscard]] index last(index items) const { return items * number / count; }
};

struct evaluation_options {
    std::string              reference = "source";
    std::vector<std::string> schemes; // the reference may be among them
    comparison_options       statistics;
    std::uint64_t            reference_bytes = std::uint64_t{256} << 20; // for keeping the reference's logits
    index                    batch_tokens    = 4096;                     // of text in one engine call
    index                    batch_items     = 32;                       // in one engine call
    outcome_memory*          memory          = nullptr;                  // answers of an earlier run; null: none
    shard_number             shard;                                      // where it is a part, the result has no scores
    bool                     recalled_only = false;                      // refuse to ask what the memory does not know
    work_meter               meter;                                      // what answers take; in whose name
    std::function<void(evaluation_progress const&)> progress;            // may throw to stop the run
    std::function<void(answered_question const&)>   answered;
};

} // namespace qeval
