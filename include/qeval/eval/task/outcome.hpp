// The outcome of one item of a task, and its state. It is kept to compare two schemes item by item, and for
// samples_<task>.jsonl.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/task/answer_work.hpp>

namespace qeval {

// How the items' values become the metric's number.
enum class metric_kind : std::uint8_t {
    proportion,  // the mean of values that are 0 or 1
    mean,        // the mean
    exp_of_mean, // exp(mean): perplexity from negative log-likelihoods
};

struct metric_spec {
    std::string name; // "acc"
    metric_kind kind             = metric_kind::proportion;
    bool        higher_is_better = true;
};

// One of several texts that a model wrote for an item, and what a program said of it.
struct judged_sample {
    std::string text, result; // "passed", "failed: ...", "timed out"
};

struct item_outcome {
    std::string                id;
    std::string                group;             // the subject, where the task has any
    index                      chosen    = -1;    // which choice; -1 where the task has none
    index                      target    = -1;    // the right one
    bool                       correct   = false; // by the task's first metric, where that is a proportion
    bool                       tie       = false; // another choice had the same score; the lowest index was taken
    bool                       truncated = false; // the prompt was cut on the left to fit the model's context
    std::vector<double>        log_likelihoods;   // one for each choice, natural logarithm
    std::vector<std::uint8_t>  greedy;            // of each choice, 1: all its tokens are the model's first choices
    std::string                answer;            // what the model wrote, in tasks where it writes
    std::vector<judged_sample> samples;           // what it wrote, in tasks where it writes several times
    std::string                error;  // why the item failed: the engine gave no usable answer; it counts as wrong
    std::vector<double>        values; // one for each metric of the task, in their order
    answer_work                work{}; // what it took
};

// How an item ended, in one word. An answer to a prompt that was cut may be a tie, too; `truncated` is said of it then.
enum class item_state : std::uint8_t { answered, tied, truncated, failed };

[[nodiscard]] inline item_state state_of(item_outcome const& o) {
    if (!o.error.empty()) return item_state::failed;
    if (o.truncated) return item_state::truncated;
    return o.tie ? item_state::tied : item_state::answered;
}
[[nodiscard]] constexpr std::string_view name_of(item_state s) {
    constexpr std::string_view names[] = {"answered", "tied", "truncated", "failed"};
    return names[static_cast<std::size_t>(s)];
}

// The kind of a failure: what an error says before its first colon. "too long: 600 tokens, context of 512" is "too
// long".
[[nodiscard]] constexpr std::string_view failure_kind(std::string_view error) {
    return error.substr(0, error.find(':'));
}

} // namespace qeval
