// The result of an evaluation, as plain values. `scores` depends on models, data and protocols alone; `run` says how
// the run went. report/ renders both.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/data/published_set.hpp>
#include <qeval/eval/result/divergence_result.hpp>
#include <qeval/eval/result/item_counts.hpp>
#include <qeval/eval/result/perplexity_result.hpp>
#include <qeval/eval/statistics/comparison.hpp>
#include <qeval/eval/statistics/estimate.hpp>
#include <qeval/eval/task/answer_work.hpp>
#include <qeval/eval/task/outcome.hpp>

namespace qeval {

struct metric_scores {
    metric_spec               metric;
    estimate                  score;
    interval                  wilson;            // with 95 % coverage, for proportions
    std::optional<double>     chance;            // expected score of guessing
    std::optional<comparison> against_reference; // absent in the reference's own row
};

// The first metric of a task over the items of one subject, or of one category of subjects.
struct group_scores {
    std::string name;
    index       items = 0;
    estimate    score;
    index       failed = 0; // of the items
};

struct task_scores : item_counts {
    std::string                task;     // "multiple_choice"
    std::string                protocol; // its exact rule in words
    std::string                data_sha256;
    data_facts                 data;      // what the files hold of what is published under the task's name
    index                      shots = 0; // worked examples before each item, as asked for
    std::vector<metric_scores> metrics;
    std::vector<group_scores>  categories, subjects; // where the task has any, by name
    std::vector<item_outcome>  outcomes;             // in the order of the data
    std::string                not_compared;         // why there is no comparison: the reference failed
};

// Scores of a perplexity task. The windows are the items of `task`; the error of its metrics comes from the spread of
// windows. `perplexity` has the protocol's own error: that of scored tokens, where they all count alike.
struct text_scores {
    task_scores                      task;
    perplexity_result                perplexity;
    std::optional<perplexity_change> change;           // absent in the reference's own row
    std::optional<divergence_result> divergence;       // absent there, too, and where the protocol defines none
    bool                             is_check = false; // divergence->acceptance is the protocol's verdict
};

using provenance = std::vector<std::pair<std::string, std::string>>; // name, value

// How far a stored matrix is from the weights that it was made of.
struct tensor_error {
    std::string name, format;                    // "model.layers.3.mlp.up_proj.weight"; "q4_k"
    double      relative_rmse = undefined_value; // |stored - original| / |original|, Frobenius norms
    index       layer         = -1;              // which layer of the model; -1: none
};

// One row of the table.
struct scheme_scores {
    std::string               scheme;
    double                    bits_per_weight = undefined_value; // over the matrices that the scheme covers
    std::uint64_t             weight_bytes    = 0;               // of all tensors, exactly as they are stored
    std::vector<std::string>  notes;                             // fallbacks and the like, one line each
    std::vector<text_scores>  texts;
    std::vector<task_scores>  tasks;
    std::vector<tensor_error> tensors; // of the matrices that are not stored as they came, in the model's order
    provenance                origin;  // format constants, recipe and revision, kernels
};

// What the answers of a task took, under one scheme: the sum over its items or windows (eval/task/answer_work.hpp).
struct task_work_sum {
    std::string           what; // the task
    index                 read = 0, written = 0;
    index                 computed = 0; // -1: unknown
    double                seconds  = 0; // NaN: unknown
    std::set<std::string> processes;    // who did it

    void add(answer_work const& w) {
        read += w.read, written += w.written, seconds += w.seconds;
        computed = computed < 0 || w.computed < 0 ? -1 : computed + w.computed;
        processes.insert(w.process);
    }
    // Tokens that went through the model, a second.
    [[nodiscard]] std::optional<double> rate() const {
        if (!(seconds > 0) || computed <= 0) return std::nullopt;
        return static_cast<double>(computed) / seconds;
    }
};

// How the items of one task ended that a run answered, or found answered.
struct task_counts {
    std::string task, unit; // "items" or "windows"
    item_counts counts;
};

// A process that has answered for a scheme.
struct scheme_process {
    std::string   process;                        // answer_work::process
    double        load_seconds = undefined_value; // to build the engine
    std::uint64_t peak_bytes   = 0;               // resident memory while it answered; 0: unknown
    int           threads      = 0;               // 0: unknown
};

// What the answers of a scheme took, whether this run made them or an earlier one, or a shard.
struct scheme_run {
    std::string                 scheme;
    std::string                 kernel;                         // what computed its matrix products
    double                      seconds      = 0;               // building the engine once, and all tasks
    double                      load_seconds = undefined_value; // to build the engine; the mean over processes
    std::uint64_t               peak_bytes   = 0;               // of the process with the most
    std::vector<task_work_sum>  tasks;                          // in the order of the tasks
    std::vector<scheme_process> processes;
    std::vector<task_counts>    counts; // of all tasks; of a shard, of its part

    [[nodiscard]] task_work_sum const* of(std::string_view task) const {
        auto const at = std::ranges::find(tasks, task, &task_work_sum::what);
        return at == tasks.end() ? nullptr : &*at;
    }
};

struct evaluation_scores {
    std::string                reference; // the scheme that all others are compared with
    comparison_options         statistics;
    std::vector<scheme_scores> schemes; // the reference first
    provenance                 origin;  // model, tokenizer and data hashes, seeds, versions
    std::vector<std::string>   notes;   // what the model's files say that is left aside
};

struct evaluation_run {
    std::string             started;        // ISO 8601, UTC
    double                  seconds    = 0; // of all schemes: of the work that made the answers
    int                     threads    = 0; // of the process with the most, as peak_bytes
    std::uint64_t           peak_bytes = 0;
    std::vector<scheme_run> schemes;
    provenance              host;
};

struct evaluation_result {
    static constexpr int schema = 1;
    evaluation_scores    scores;
    evaluation_run       run;
};

} // namespace qeval
