// Runs the items of a task through an engine: asks, judges the answers, and sums them up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
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
#include <qeval/eval/task/answer_work.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/erased_task.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/eval/task/work_meter.hpp>

namespace qeval {

// Makes every question once and keeps only its name. So an item that cannot be asked stops a run before any work, and a
// store can be searched without the questions. They are made again when they are asked, a batch at a time.
template <class Request>
[[nodiscard]] std::vector<std::string> name_questions(any_items<Request> const& items, text_encoder& words) {
    std::vector<std::string> names;
    names.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) names.push_back(name_of(items.ask(words, i)));
    return names;
}

// Adds the tokens of a request and of its answer.
inline void count_tokens(answer_work& work, score_request const& asked, score const&) {
    work.read += static_cast<index>(asked.context.size() + asked.continuation.size());
}
inline void count_tokens(answer_work& work, generate_request const& asked, generation const& given) {
    work.read += static_cast<index>(asked.prompt.size());
    work.written += std::ssize(given.tokens);
}

// The items of a task that a run answers: [first, last).
struct item_range {
    std::size_t first = 0, last = 0;

    [[nodiscard]] std::size_t size() const { return last - first; }
};

// What a run of items asks of whoever wants its outcomes. Items have the numbers that the task gives them.
template <class Request>
struct item_steps {
    using items    = std::span<std::size_t const>;
    using outcomes = std::span<item_outcome const>;

    std::function<question<Request>(std::size_t item)>           ask;    // makes the question, when it is asked
    std::function<std::optional<item_outcome>(std::size_t item)> recall; // an outcome that is known: not asked
    std::function<void(items asked, outcomes so_far)>            keep;   // told after each call
    std::function<void(outcomes so_far, index recalled)>         progress;
};

// Answers the items of a range and returns their outcomes, each with the work that it took; outcomes[k] is that of item
// range.first + k. A call of the engine is given at most `batch` items; no outcome depends on that number.
// An engine that gives another number of answers than it was asked for is refused (internal_error EV07).
template <class Request>
[[nodiscard]] std::vector<item_outcome> answer_all(any_engine& engine, any_items<Request> const& task, item_range range,
                                                   index batch, work_meter const& meter,
                                                   item_steps<Request> const& steps) {
    using answer = answer_to<Request>;
    std::vector<item_outcome> outcomes(range.size());
    auto const                step     = static_cast<std::size_t>(std::max<index>(1, batch));
    index                     recalled = 0;
    for (std::size_t next = range.first; next < range.last;) {
        std::vector<std::size_t>               items;
        std::vector<std::size_t>               parts; // how many requests each item has
        std::vector<Request>                   requests;
        std::optional<work_meter::measurement> call;
        for (; next < range.last && items.size() < step; ++next) {
            auto& outcome = outcomes[next - range.first];
            if (std::optional<item_outcome> known = steps.recall(next)) {
                outcome = *std::move(known);
                ++recalled;
                continue;
            }
            if (!call) call = meter.begin(engine);
            question<Request> q = steps.ask(next);
            items.push_back(next);
            parts.push_back(q.requests.size());
            std::move(q.requests.begin(), q.requests.end(), std::back_inserter(requests));
            outcome.truncated = q.truncated;
        }
        if (!items.empty()) {
            std::vector<answer> answers;
            if constexpr (std::is_same_v<Request, score_request>) {
                answers = engine.log_likelihoods(requests);
            } else {
                answers = engine.generate(requests);
            }
            if (answers.size() != requests.size()) {
                throw internal_error{{"EV07", "the engine's answers", std::to_string(answers.size()),
                                      std::to_string(requests.size()) + ", one for each request", ""}};
            }
            std::vector<std::span<answer const>> given; // the answers to each item
            std::vector<answer_work>             works; // what each item took
            for (std::size_t at = 0; std::size_t const count : parts) {
                given.push_back(std::span<answer const>(answers).subspan(at, count));
                works.emplace_back();
                for (std::size_t const end = at + count; at < end; ++at)
                    count_tokens(works.back(), requests[at], answers[at]);
            }
            auto judged = task.judge_all(items, given);
            share_work(call->done(), works);
            for (std::size_t k = 0; k < items.size(); ++k) {
                auto& outcome       = outcomes[items[k] - range.first];
                judged[k].truncated = outcome.truncated;
                judged[k].work      = std::move(works[k]);
                outcome             = std::move(judged[k]);
            }
            steps.keep(std::span<std::size_t const>(items), std::span<item_outcome const>(outcomes));
        }
        steps.progress(std::span<item_outcome const>(outcomes).first(next - range.first), recalled);
    }
    return outcomes;
}

// The value of metric m for each item.
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

// The mean of the first metric over the items of each group. key(outcome) is the name of an outcome's group.
template <class Key>
[[nodiscard]] std::vector<group_scores> score_groups(std::span<item_outcome const> outcomes, Key const& key) {
    struct group {
        std::vector<double> values;
        index               failed = 0;
    };
    std::map<std::string, group> found;
    for (auto const& o : outcomes) {
        auto& g = found[std::string(key(o))];
        g.values.push_back(o.values[0]);
        g.failed += state_of(o) == item_state::failed;
    }
    std::vector<group_scores> groups;
    for (auto const& [name, g] : found)
        groups.push_back({name, std::ssize(g.values), mean_of(std::span<double const>(g.values)), g.failed});
    return groups;
}

// What the outcomes of a task come to.
[[nodiscard]] inline task_scores sum_up(any_task const& task, std::vector<item_outcome> outcomes) {
    task_facts const& facts = task.facts();
    task_scores       s;
    static_cast<item_counts&>(s) = count_items(outcomes);
    s.task                       = facts.name;
    s.protocol                   = facts.protocol;
    s.data                       = facts.data;
    s.data_sha256                = facts.data_sha256;
    s.shots                      = facts.shots;
    for (std::size_t m = 0; m < facts.metrics.size(); ++m) {
        s.metrics.push_back(score_metric(facts.metrics[m], metric_values(outcomes, m)));
        if (!facts.chance.empty()) s.metrics.back().chance = facts.chance[m];
    }
    if (facts.category_of != nullptr) {
        s.categories = score_groups(outcomes, [&](item_outcome const& o) { return facts.category_of(o.group); });
        s.subjects   = score_groups(outcomes, [](item_outcome const& o) -> std::string_view { return o.group; });
    }
    s.outcomes = std::move(outcomes);
    return s;
}

// Runs a whole task in one call, for programs that want the scores of one engine.
template <item_task T>
[[nodiscard]] task_scores run_task(any_engine& engine, T const& task, index batch = 32) {
    using request = typename T::request;
    items_as<T, T const&> const items(task);
    text_encoder                words(engine);
    return sum_up(items, answer_all<request>(engine, items, {0, items.size()}, batch, {},
                                             {[&](std::size_t i) { return items.ask(words, i); },
                                              [](std::size_t) { return std::optional<item_outcome>(); },
                                              [](auto, auto) {}, [](auto, index) {}}));
}

} // namespace qeval
