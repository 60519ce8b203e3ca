// Runs a task's items through an engine: ask, answer, judge, and sum up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/engine/concepts.hpp>
#include <qeval/eval/estimate.hpp>
#include <qeval/eval/intervals.hpp>
#include <qeval/eval/mean.hpp>
#include <qeval/eval/question.hpp>
#include <qeval/eval/result.hpp>
#include <qeval/eval/task.hpp>

namespace qeval {

// Every item's requests; made once and put to every scheme, since all schemes share a tokenizer.
template <engine E, item_task T>
[[nodiscard]] auto ask_all(E& engine, T const& task) {
    std::vector<question<typename T::request>> questions;
    questions.reserve(task.items.size());
    for (std::size_t i = 0; i < task.items.size(); ++i) questions.push_back(task.ask(engine, i));
    return questions;
}

// Tokens that an engine reads and scores (shared prefixes counted each time), or writes.
[[nodiscard]] inline index token_count(score_request const& asked, score const&) {
    return std::ssize(asked.context) + std::ssize(asked.continuation);
}
[[nodiscard]] inline index token_count(generate_request const&, generation const& written) {
    return std::ssize(written.tokens);
}

// Outcomes in the order of the items. `batch` items are put to the engine in one call; no outcome depends on it.
// progress(outcomes so far, tokens of the call) is called after each.
template <engine E, item_task T, class Progress>
[[nodiscard]] std::vector<item_outcome> answer_all(E& engine, T const& task,
                                                   std::span<question<typename T::request> const> questions,
                                                   index batch, Progress const& progress) {
    using request = typename T::request;
    using answer  = answer_to<request>;
    std::vector<item_outcome> outcomes;
    outcomes.reserve(questions.size());
    auto const step = static_cast<std::size_t>(std::max<index>(1, batch));
    for (std::size_t begin = 0; begin < questions.size(); begin += step) {
        std::size_t const    end = std::min(questions.size(), begin + step);
        std::vector<request> requests;
        for (std::size_t i = begin; i < end; ++i) {
            requests.insert(requests.end(), questions[i].requests.begin(), questions[i].requests.end());
        }
        std::vector<answer> answers;
        if constexpr (std::is_same_v<request, score_request>) {
            answers = engine.log_likelihoods(requests);
        } else {
            answers = engine.generate(requests);
        }
        if (answers.size() != requests.size()) {
            throw internal_error{{"EV07", "the engine's answers", std::to_string(answers.size()),
                                  std::to_string(requests.size()) + ", one for each request", ""}};
        }
        index       tokens = 0;
        std::size_t at     = 0;
        for (std::size_t i = begin; i < end; ++i) {
            auto const mine = std::span<answer const>(answers).subspan(at, questions[i].requests.size());
            for (std::size_t k = 0; k < mine.size(); ++k) tokens += token_count(questions[i].requests[k], mine[k]);
            outcomes.push_back(task.judge(i, mine));
            outcomes.back().truncated = questions[i].truncated;
            at += mine.size();
        }
        progress(std::span<item_outcome const>(outcomes), tokens);
    }
    return outcomes;
}

// The values of metric m, item by item.
[[nodiscard]] inline std::vector<double> metric_values(std::span<item_outcome const> outcomes, std::size_t m) {
    std::vector<double> v;
    v.reserve(outcomes.size());
    for (auto const& o : outcomes) v.push_back(o.values[m]);
    return v;
}

[[nodiscard]] inline metric_scores score_metric(metric_spec const& metric, std::span<double const> values) {
    metric_scores s;
    s.metric = metric;
    s.score  = mean_of(values);
    if (metric.kind == metric_kind::exp_of_mean) s.score = exp_of(s.score);
    if (metric.kind == metric_kind::proportion) {
        s.wilson = wilson_interval(std::count(values.begin(), values.end(), 1.0), std::ssize(values));
    }
    return s;
}

template <task T>
[[nodiscard]] task_scores sum_up(T const& task, std::vector<item_outcome> outcomes) {
    task_scores s;
    s.task        = std::string(T::name);
    s.protocol    = task.protocol();
    s.data_sha256 = task.data_sha256;
    s.items       = std::ssize(outcomes);
    s.ties        = std::count_if(outcomes.begin(), outcomes.end(), [](auto const& o) { return o.tie; });
    s.truncated   = std::count_if(outcomes.begin(), outcomes.end(), [](auto const& o) { return o.truncated; });
    s.errors      = std::count_if(outcomes.begin(), outcomes.end(), [](auto const& o) { return !o.error.empty(); });
    auto const metrics = T::metrics();
    for (std::size_t m = 0; m < metrics.size(); ++m) {
        s.metrics.push_back(score_metric(metrics[m], metric_values(outcomes, m)));
        if constexpr (item_task<T>) s.metrics.back().chance = task.chance()[m];
    }
    s.outcomes = std::move(outcomes);
    return s;
}

// The whole task in one call, for programs that want one number from one engine.
template <engine E, item_task T>
[[nodiscard]] task_scores run_task(E& engine, T const& task, index batch = 32) {
    auto const questions = ask_all(engine, task);
    return sum_up(task, answer_all(engine, task, std::span(questions), batch, [](auto, index) {}));
}

} // namespace qeval
