// Runs a task's items through an engine: ask, answer, judge, and sum up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/statistics/estimate.hpp>
#include <qeval/eval/statistics/intervals.hpp>
#include <qeval/eval/statistics/mean.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task.hpp>
#include <qeval/eval/task/task_name.hpp>

namespace qeval {

// Every item's requests; made once and put to every scheme, since all schemes share a tokenizer.
template <item_task T>
[[nodiscard]] auto ask_all(any_engine& engine, T const& task) {
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

// Outcomes in the order of the items. `batch` items are put to the engine in one call; no outcome depends on it. Items
// that `recall` knows are not asked again; `keep` is told what is new after each call of the engine. The first question
// is that of the task's item `first`; all other numbers count from there.
//   recall(i) -> optional<item_outcome>; keep(items, outcomes); progress(outcomes so far, tokens of the call)
template <item_task T, class Recall, class Keep, class Progress>
[[nodiscard]] std::vector<item_outcome>
answer_all(any_engine& engine, T const& task, std::span<question<typename T::request> const> questions, index first,
           index batch, Recall const& recall, Keep const& keep, Progress const& progress) {
    using request = typename T::request;
    using answer  = answer_to<request>;
    std::vector<item_outcome> outcomes(questions.size());
    auto const                step = static_cast<std::size_t>(std::max<index>(1, batch));
    for (std::size_t begin = 0; begin < questions.size();) {
        std::vector<std::size_t> asked;
        std::vector<request>     requests;
        std::size_t              end = begin;
        for (; end < questions.size() && asked.size() < step; ++end) {
            if (std::optional<item_outcome> known = recall(end)) {
                outcomes[end] = *std::move(known);
                continue;
            }
            asked.push_back(end);
            requests.insert(requests.end(), questions[end].requests.begin(), questions[end].requests.end());
        }
        index tokens = 0;
        if (!asked.empty()) {
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
            for (std::size_t k = 0; k < answers.size(); ++k) tokens += token_count(requests[k], answers[k]);
            std::vector<std::span<answer const>> parts; // one for each item
            for (std::size_t at = 0; std::size_t const i : asked) {
                parts.push_back(std::span<answer const>(answers).subspan(at, questions[i].requests.size()));
                at += parts.back().size();
            }
            std::vector<std::size_t> items; // as the task numbers them
            for (std::size_t const i : asked) items.push_back(i + static_cast<std::size_t>(first));
            std::span<std::size_t const> const judged_items(items);
            if constexpr (requires {
                              task.judge_all(judged_items, std::span(parts));
                          }) { // judges that work better on many at a time
                auto judged = task.judge_all(judged_items, std::span(parts));
                for (std::size_t k = 0; k < asked.size(); ++k) outcomes[asked[k]] = std::move(judged[k]);
            } else {
                for (std::size_t k = 0; k < asked.size(); ++k) outcomes[asked[k]] = task.judge(items[k], parts[k]);
            }
            for (std::size_t const i : asked) outcomes[i].truncated = questions[i].truncated;
            keep(std::span<std::size_t const>(asked), std::span<item_outcome const>(outcomes));
        }
        begin = end;
        progress(std::span<item_outcome const>(outcomes).first(end), tokens);
    }
    return outcomes;
}
template <item_task T, class Progress>
[[nodiscard]] std::vector<item_outcome> answer_all(any_engine& engine, T const& task,
                                                   std::span<question<typename T::request> const> questions,
                                                   index batch, Progress const& progress) {
    return answer_all(
        engine, task, questions, 0, batch, [](std::size_t) { return std::optional<item_outcome>(); }, [](auto, auto) {},
        progress);
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

// The mean of the first metric for each group; key(outcome) names an outcome's group. All items count alike.
template <class Key>
[[nodiscard]] std::vector<group_scores> score_groups(std::span<item_outcome const> outcomes, Key const& key) {
    std::map<std::string, std::vector<double>> values;
    for (auto const& o : outcomes) values[std::string(key(o))].push_back(o.values[0]);
    std::vector<group_scores> groups;
    for (auto const& [name, v] : values) groups.push_back({name, std::ssize(v), mean_of(std::span<double const>(v))});
    return groups;
}

template <task T>
[[nodiscard]] task_scores sum_up(T const& task, std::vector<item_outcome> outcomes) {
    task_scores s;
    s.task        = std::string(name_of_task(task));
    s.protocol    = task.protocol();
    s.data_sha256 = task.data_sha256;
    if constexpr (requires { task.shots(); }) s.shots = task.shots();
    s.items     = std::ssize(outcomes);
    s.ties      = std::count_if(outcomes.begin(), outcomes.end(), [](auto const& o) { return o.tie; });
    s.truncated = std::count_if(outcomes.begin(), outcomes.end(), [](auto const& o) { return o.truncated; });
    s.errors    = std::count_if(outcomes.begin(), outcomes.end(), [](auto const& o) { return !o.error.empty(); });
    auto const metrics = task.metrics();
    for (std::size_t m = 0; m < metrics.size(); ++m) {
        s.metrics.push_back(score_metric(metrics[m], metric_values(outcomes, m)));
        if constexpr (item_task<T>) s.metrics.back().chance = task.chance()[m];
    }
    if constexpr (requires(std::string_view subject) { T::category_of(subject); }) {
        s.categories = score_groups(outcomes, [](item_outcome const& o) { return T::category_of(o.group); });
        s.subjects   = score_groups(outcomes, [](item_outcome const& o) -> std::string_view { return o.group; });
    }
    s.outcomes = std::move(outcomes);
    return s;
}

// The whole task in one call, for programs that want one number from one engine.
template <item_task T>
[[nodiscard]] task_scores run_task(any_engine& engine, T const& task, index batch = 32) {
    auto const questions = ask_all(engine, task);
    return sum_up(task, answer_all(engine, task, std::span(questions), batch, [](auto, index) {}));
}

} // namespace qeval
