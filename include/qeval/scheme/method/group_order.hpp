// Columns that were dealt to groups in another order than they stand (act-order).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

// Columns sorted by their group; nothing where they are. Every group must have `group` columns, the last one what is
// left.
inline std::shared_ptr<std::vector<index> const> order_by_group(tensor_view const& g_idx, index group) {
    index const                        cols = g_idx.shape[0], groups = (cols + group - 1) / group;
    std::vector<index>                 members(static_cast<std::size_t>(groups));
    std::vector<std::pair<int, index>> found;
    bool                               natural = true;
    for (index i = 0; i < cols; ++i) {
        auto const g = stored_number<std::int32_t>(g_idx.bytes, i);
        if (g < 0 || g >= groups) {
            throw file_error{{"CF03", g_idx.place() + "[" + std::to_string(i) + "]", std::to_string(g),
                              "a group, 0 to " + std::to_string(groups - 1), "a damaged checkpoint"}};
        }
        natural = natural && g == i / group;
        ++members[static_cast<std::size_t>(g)];
        found.emplace_back(g, i);
    }
    if (natural) return nullptr;
    for (index g = 0; g < groups; ++g) {
        if (members[static_cast<std::size_t>(g)] == group) continue;
        throw file_error{
            {"CF03", g_idx.place(),
             std::to_string(members[static_cast<std::size_t>(g)]) + " columns in group " + std::to_string(g),
             std::to_string(group), "a damaged checkpoint, or group sizes that differ"}};
    }
    std::ranges::sort(found);
    auto order = std::make_shared<std::vector<index>>();
    for (auto const& [g, i] : found) order->push_back(i);
    return order;
}

// Where each column goes, by an order; without one it stays.
[[nodiscard]] inline std::vector<index> places_of(std::shared_ptr<std::vector<index> const> const& order, index cols) {
    std::vector<index> places(static_cast<std::size_t>(cols));
    for (std::size_t k = 0; k < places.size(); ++k)
        places[order ? static_cast<std::size_t>((*order)[k]) : k] = static_cast<index>(k);
    return places;
}

} // namespace qeval
