// Groups of tasks, as lm-eval adds them up: means weighted by items, errors pooled from the tasks' own.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/statistics/estimate.hpp>
#include <qeval/io/text/unicode.hpp>
#include <qeval/report/published/lm_eval_leaf.hpp>
#include <qeval/report/published/lm_eval_tasks.hpp>

namespace qeval {

struct lm_eval_group {
    std::string                      name, alias, version;
    std::vector<std::string>         members; // as a file lists them: tasks, or groups of them
    std::vector<lm_eval_leaf const*> leaves;  // all tasks below
    bool                             of_groups = false;

    [[nodiscard]] index count() const {
        index n = 0;
        for (auto const* const leaf : leaves) n += leaf->count;
        return n;
    }
    // Of tasks with n_i items, values v_i and errors e_i, k of them, n items in all: sum(n_i v_i) / n and
    // sqrt(sum((n_i - 1) n_i e_i^2) / (n - k) / n).
    [[nodiscard]] estimate score(std::size_t metric) const {
        double     sum = 0, squares = 0;
        auto const n = static_cast<double>(count()), k = static_cast<double>(leaves.size());
        for (auto const* const leaf : leaves) {
            auto const items = static_cast<double>(leaf->count);
            auto const one   = leaf->score(metric);
            sum += items * one.value;
            squares += (items - 1) * items * one.error * one.error;
        }
        return {sum / n, std::sqrt(squares / (n - k) / n)};
    }
};

// Inner groups first. `leaves` outlive the groups; none where the task has no subjects.
[[nodiscard]] inline std::vector<lm_eval_group> lm_eval_groups_of(std::span<lm_eval_leaf const> leaves) {
    std::vector<lm_eval_group> groups;
    if (leaves.empty() || leaves[0].group == nullptr) return groups;
    auto const*       known   = leaves[0].known;
    std::string const top     = lm_eval_name(*leaves[0].of);
    std::string const edition = known != nullptr ? std::string(known->group_version) : std::string("N/A");
    lm_eval_group     all{top, top, edition, {}, {}, false};
    for (auto const& leaf : leaves) {
        all.leaves.push_back(&leaf);
        bool const inner =
            known != nullptr && known->groups == lm_eval_groups::categories && !leaf.part.category.empty();
        if (!inner) {
            all.members.push_back(leaf.name);
            continue;
        }
        std::string const alias = lowercased(leaf.part.category), name = top + "_" + replaced(alias, " ", "_");
        if (groups.empty() || std::ranges::find(all.members, name) == all.members.end()) {
            all.members.push_back(name);
            all.of_groups = true;
            groups.push_back({name, alias, edition, {}, {}, false});
        }
        for (auto& g : groups) {
            if (g.name != name) continue;
            g.members.push_back(leaf.name);
            g.leaves.push_back(&leaf);
        }
    }
    groups.push_back(std::move(all));
    return groups;
}

} // namespace qeval
