// Layers that are alike in something, in words.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

#include <qeval/core/view.hpp>

namespace qeval {

template <class T>
struct layer_group {
    T                  what;
    std::vector<index> layers; // ascending
};

// `of(layer)` for all layers, equal ones together, in the order in which they first come.
template <class Layer, class Of>
[[nodiscard]] auto groups_of(std::vector<Layer> const& layers, Of const& of) {
    using what = std::decay_t<std::invoke_result_t<Of const&, Layer const&>>;
    std::vector<layer_group<what>> groups;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        what       one  = of(layers[i]);
        auto const same = std::ranges::find(groups, one, &layer_group<what>::what);
        if (same != groups.end())
            same->layers.push_back(index(i));
        else
            groups.push_back({std::move(one), {index(i)}});
    }
    return groups;
}

// " in layers 0-4, 6-10"; nothing where it is all of them. Longer lists with one distance: " in layers 0, 2, ... 24".
[[nodiscard]] inline std::string in_layers(std::vector<index> const& layers, index all) {
    auto const n = layers.size();
    if (index(n) == all) return "";
    std::string out  = n == 1 ? " in layer " : " in layers ";
    index const step = n > 1 ? layers[1] - layers[0] : 1;
    bool        even = n > 4 && step > 1;
    for (std::size_t i = 1; i < n; ++i) even = even && layers[i] - layers[i - 1] == step;
    if (even)
        return out + std::to_string(layers[0]) + ", " + std::to_string(layers[1]) + ", ... " +
               std::to_string(layers.back());
    for (std::size_t i = 0; i < n;) {
        std::size_t end = i;
        while (end + 1 < n && layers[end + 1] == layers[end] + 1) ++end;
        out += (i > 0 ? ", " : "") + std::to_string(layers[i]);
        if (end > i) out += (end == i + 1 ? ", " : "-") + std::to_string(layers[end]);
        i = end + 1;
    }
    return out;
}

} // namespace qeval
