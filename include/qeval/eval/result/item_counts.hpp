// How many items of a task ended how.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/task/outcome.hpp>

namespace qeval {

struct item_counts {
    index items = 0, ties = 0, truncated = 0; // an item may be counted among ties and among truncated prompts
    index failed = 0;                         // items without a usable answer
    std::vector<std::pair<std::string, index>> failures; // their kinds, the most frequent first

    // Divided, not multiplied: 29 of 100 are a share of 0.29.
    [[nodiscard]] bool failed_more_than(double share) const {
        return items > 0 && static_cast<double>(failed) / static_cast<double>(items) > share;
    }
};

[[nodiscard]] inline item_counts count_items(std::span<item_outcome const> outcomes) {
    item_counts c;
    c.items = std::ssize(outcomes);
    for (item_outcome const& o : outcomes) {
        c.ties += o.tie;
        c.truncated += o.truncated;
        if (state_of(o) != item_state::failed) continue;
        ++c.failed;
        auto const kind  = failure_kind(o.error);
        auto const known = std::ranges::find(c.failures, kind, &std::pair<std::string, index>::first);
        known == c.failures.end() ? void(c.failures.emplace_back(kind, 1)) : void(++known->second);
    }
    std::ranges::stable_sort(c.failures, [](auto const& a, auto const& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    return c;
}

} // namespace qeval
