// What lm-eval calls a task: all items of one of ours, or those of one subject. Texts are taken page by page.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/result/asked_texts.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/statistics/estimate.hpp>
#include <qeval/report/published/lm_eval_tasks.hpp>

namespace qeval {

struct lm_eval_leaf {
    task_scores const*       of    = nullptr;
    lm_eval_task const*      known = nullptr; // lm-eval's; null where it has none
    group_scores const*      group = nullptr; // the subject's scores; null: the leaf is the whole task
    set_part                 part;
    std::string              name, alias;
    index                    count = 0; // of items that were answered
    std::vector<std::size_t> items;     // those of of->outcomes

    [[nodiscard]] index failed() const { return group != nullptr ? group->failed : of->failed; }
    // Of one of the task's metrics.
    [[nodiscard]] estimate score(std::size_t metric) const {
        if (group == nullptr) return of->metrics[metric].score;
        if (metric == 0) return group->score;
        std::vector<double> values;
        for (std::size_t const i : items) values.push_back(of->outcomes[i].values[metric]);
        return score_metric(of->metrics[metric].metric, values).score;
    }
};

[[nodiscard]] inline std::string lm_eval_name(task_scores const& t) {
    auto const* const known = find_lm_eval_task(t.task);
    return known != nullptr ? std::string(known->name) : t.task;
}

// `parts`: of the whole data set; none where it is not known.
[[nodiscard]] inline std::vector<lm_eval_leaf> lm_eval_leaves(task_scores const&           t,
                                                              std::vector<set_part> const& parts) {
    std::string const         name = lm_eval_name(t);
    std::vector<lm_eval_leaf> leaves;
    if (t.subjects.empty()) {
        lm_eval_leaf all{&t, find_lm_eval_task(t.task), nullptr, {{}, {}, {}, t.items}, name, name, t.items, {}};
        if (!parts.empty()) all.part = parts.front();
        for (std::size_t i = 0; i < t.outcomes.size(); ++i) all.items.push_back(i);
        leaves.push_back(std::move(all));
    }
    for (auto const& g : t.subjects) {
        lm_eval_leaf one{
            &t, find_lm_eval_task(t.task), &g, {g.name, g.name, {}, g.items}, name + "_" + g.name, {}, g.items, {}};
        for (auto const& p : parts)
            if (p.name == g.name) one.part = p;
        one.alias = one.known != nullptr && one.known->groups == lm_eval_groups::subjects ? one.name : g.name;
        for (std::size_t i = 0; i < t.outcomes.size(); ++i)
            if (t.outcomes[i].group == g.name) one.items.push_back(i);
        leaves.push_back(std::move(one));
    }
    return leaves;
}

// A text's windows, put together to the pages that they are windows of; their losses add up.
[[nodiscard]] inline task_scores by_pages(task_scores t) {
    std::vector<item_outcome> pages;
    for (auto& o : t.outcomes) {
        if (o.group.empty()) return t; // no pages
        if (pages.empty() || pages.back().group != o.group) {
            o.id = o.group;
            pages.push_back(std::move(o));
        } else {
            pages.back().log_likelihoods[0] += o.log_likelihoods[0];
            if (pages.back().error.empty()) pages.back().error = o.error;
        }
    }
    t.items    = std::ssize(pages);
    t.outcomes = std::move(pages);
    return t;
}

} // namespace qeval
