// Items found by name through a sorted list of positions. Sorting, unlike hashing, has no bad case that a file could
// provoke: n names cost n log n, whatever they are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace qeval {

class name_order {
public:
    name_order() = default;
    template <class Items, class Name> // name(item) -> std::string_view
    name_order(Items const& items, Name const& name) : order_(items.size()) {
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        std::sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
            std::string_view const x = name(items[a]), y = name(items[b]);
            return x != y ? x < y : a < b;
        });
    }

    // Two positions of one name, first and second, or nullopt where all names differ.
    template <class Items, class Name>
    [[nodiscard]] std::optional<std::pair<std::size_t, std::size_t>> duplicate(Items const& items,
                                                                               Name const&  name) const {
        auto const same = [&](std::size_t a, std::size_t b) { return name(items[a]) == name(items[b]); };
        auto const it   = std::adjacent_find(order_.begin(), order_.end(), same);
        if (it == order_.end()) return std::nullopt;
        return std::pair{*it, *(it + 1)};
    }
    template <class Items, class Name>
    [[nodiscard]] std::optional<std::size_t> find(Items const& items, Name const& name, std::string_view wanted) const {
        auto const before = [&](std::size_t i, std::string_view w) { return std::string_view(name(items[i])) < w; };
        auto const it     = std::lower_bound(order_.begin(), order_.end(), wanted, before);
        if (it == order_.end() || std::string_view(name(items[*it])) != wanted) return std::nullopt;
        return *it;
    }

private:
    std::vector<std::size_t> order_;
};

} // namespace qeval
