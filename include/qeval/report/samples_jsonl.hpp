// samples_<task>.jsonl: what became of every item.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include <qeval/eval/result/asked_texts.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/results_json.hpp>

namespace qeval {

namespace detail {

// What was asked; of programs each as it was run, behind the prompt, with what came of it.
inline void add_texts(json& line, item_text const& asked, item_outcome const& o) {
    json requests = json::array();
    for (auto const& q : asked.requests) {
        json one = {{"prompt", q.context}};
        if (!q.continuation.empty()) one["continuation"] = q.continuation;
        requests.push_back(std::move(one));
    }
    line["requests"]    = std::move(requests);
    line["target_text"] = asked.target;
    if (o.samples.empty()) return;
    json programs = json::array();
    for (auto const& s : o.samples) programs.push_back({{"program", asked.head + s.text}, {"result", s.result}});
    line["programs"] = std::move(programs);
}

} // namespace detail

// One line for each item of a task under a scheme. `texts`: adds them to each line; null: none.
[[nodiscard]] inline std::string samples_jsonl(std::string const& scheme, task_scores const& task,
                                               asked_texts const* texts = nullptr) {
    std::string out;
    for (std::size_t i = 0; i < task.outcomes.size(); ++i) {
        auto const& o    = task.outcomes[i];
        json        line = {{"scheme", scheme}, {"id", o.id}, {"state", name_of(state_of(o))}, {"correct", o.correct}};
        if (!o.group.empty()) line["subject"] = o.group;
        if (o.chosen >= 0) line["chosen"] = o.chosen;
        if (o.target >= 0) line["target"] = o.target;
        if (o.tie) line["tie"] = true;
        if (o.truncated) line["truncated"] = true;
        if (!o.answer.empty()) line["answer"] = o.answer;
        if (!o.error.empty()) line["error"] = o.error;
        json scores = json::array(), values = json::array();
        for (double x : o.log_likelihoods) scores.push_back(detail::number(x));
        for (double x : o.values) values.push_back(detail::number(x));
        if (!o.log_likelihoods.empty()) line["log_likelihoods"] = std::move(scores);
        line["values"] = std::move(values);
        if (texts != nullptr) {
            if (auto const asked = texts->text(task.task, i)) detail::add_texts(line, *asked, o);
        }
        out += json_text(line) + "\n";
    }
    return out;
}

} // namespace qeval
