// What is said of failed items, cut prompts, ties and partial data wherever a score is shown: a mark behind the score,
// and lines below its table.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/counted.hpp>
#include <qeval/eval/result/item_counts.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/report/text/display_text.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval {

[[nodiscard]] inline bool is_partial(task_scores const& t) { return t.data.kind == data_kind::partial; }

// What stands behind a score: that some of its items failed, that its data are not what is published under the name.
struct score_marks {
    index failed  = 0;
    bool  partial = false;

    score_marks(index failed_items, bool of_partial_data) : failed(failed_items), partial(of_partial_data) {}
    score_marks(task_scores const& t) : score_marks(t.failed, is_partial(t)) {}
};
[[nodiscard]] inline std::string marked(std::string score, score_marks const& marks) {
    if (marks.failed > 0) score += " !";
    if (marks.partial) score += " partial";
    return score;
}
[[nodiscard]] inline std::string score_text(estimate const& score, double unit, score_marks const& marks) {
    return marked(with_error(score, unit), marks);
}

// "too long (57), nonfinite logits (2)"
[[nodiscard]] inline std::string failures_text(item_counts const& c) {
    std::string out;
    for (auto const& [kind, n] : c.failures) out += text("{}{} ({})", out.empty() ? "" : ", ", kind, n);
    return out;
}

namespace detail {

// One task in every row of a table.
struct task_rows {
    std::string_view                unit;
    std::vector<task_scores const*> rows;

    // "2", or "0 to 2" where schemes differ.
    [[nodiscard]] std::string range(index item_counts::*count) const {
        auto const [low, high] = std::ranges::minmax(
            rows, {}, [&](task_scores const* t) { return static_cast<item_counts const&>(*t).*count; });
        index const least = (*low).*count, most = (*high).*count;
        return least == most ? text("{}", least) : text("{} to {}", least, most);
    }
};
[[nodiscard]] inline std::vector<task_rows> rows_of_tasks(evaluation_scores const& scores) {
    std::vector<task_rows> all;
    if (scores.schemes.empty()) return all;
    for (std::size_t i = 0; i < scores.schemes[0].texts.size(); ++i) {
        all.push_back({"windows", {}});
        for (auto const& s : scores.schemes) all.back().rows.push_back(&s.texts[i].task);
    }
    for (std::size_t i = 0; i < scores.schemes[0].tasks.size(); ++i) {
        all.push_back({"items", {}});
        for (auto const& s : scores.schemes) all.back().rows.push_back(&s.tasks[i]);
    }
    return all;
}

} // namespace detail

// A line for each task: how many items it has, and how they ended under the schemes.
[[nodiscard]] inline std::vector<std::string> counts_lines(evaluation_scores const& scores) {
    std::vector<std::string> lines;
    for (auto const& t : detail::rows_of_tasks(scores)) {
        auto const& first = *t.rows[0];
        lines.push_back(
            text("{}: {}, {} failed", first.task, counted(first.items, t.unit), t.range(&item_counts::failed)));
        if (t.unit == "items")
            lines.back() +=
                text(", {} truncated, {} tied", t.range(&item_counts::truncated), t.range(&item_counts::ties));
    }
    return lines;
}

// Which data are partial, what failed, under which schemes and why, and what is not compared therefore. Empty where all
// is well.
[[nodiscard]] inline std::vector<std::string> failure_lines(evaluation_scores const& scores) {
    std::vector<std::string> lines;
    for (auto const& t : detail::rows_of_tasks(scores)) {
        if (is_partial(*t.rows[0])) lines.push_back(t.rows[0]->task + ": partial data: " + t.rows[0]->data.words);
        std::vector<std::string>        where; // of each line, its schemes
        std::vector<item_counts const*> what;
        for (std::size_t row = 0; row < t.rows.size(); ++row) {
            if (t.rows[row]->failed == 0) continue;
            auto const same =
                std::ranges::find_if(what, [&](item_counts const* c) { return c->failures == t.rows[row]->failures; });
            if (same == what.end()) {
                what.push_back(t.rows[row]);
                where.push_back(scores.schemes[row].scheme);
            } else {
                where[static_cast<std::size_t>(same - what.begin())] += ", " + scores.schemes[row].scheme;
            }
        }
        bool const all = what.size() == 1 && std::ranges::all_of(t.rows, [](auto const* r) { return r->failed > 0; });
        for (std::size_t i = 0; i < what.size(); ++i)
            lines.push_back(text("{}: {} of {} failed under {}{}: {}", t.rows[0]->task, what[i]->failed,
                                 counted(what[i]->items, t.unit), all ? "every scheme" : where[i],
                                 t.unit == "items" ? " and count as wrong" : "", failures_text(*what[i])));
        std::string const& why = t.rows.back()->not_compared; // alike in every row but the reference's
        if (!why.empty()) lines.push_back(t.rows[0]->task + ": " + why);
    }
    for (auto& line : lines) line = without_controls(line);
    return lines;
}

} // namespace qeval
