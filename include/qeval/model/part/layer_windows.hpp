// Models whose layers differ in what a query sees: all positions before it, or a window of them.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>

namespace qeval {

// Every so many layers one has no window. Newer files list the layers instead.
[[nodiscard]] inline index read_window_step(config_reader const& r, index otherwise) {
    return r.find({"layer_types"}) ? otherwise : r.size({"sliding_window_pattern"}, config_limits::layers, otherwise);
}

// Layers that layer_types gives a window, where there is none to give (CF06).
inline void refuse_windows(config_reader const& r) {
    auto const types = r.find({"layer_types"});
    if (!types) return;
    types->json().for_each_element([](std::size_t, json_value one) {
        if (one.string() == "sliding_attention")
            one.fail("full_attention: sliding_window is not there, or use_sliding_window does not ask for it", "",
                     "CF06");
    });
}

// The positions that a query of each layer sees, 0 where it sees all: `window` in layers of "sliding_attention" by
// layer_types of config.json, or by the pattern of a GGUF, which is a bool for each layer, or a number n: every n-th
// layer has none. Where the file does not say it, the layers for which `otherwise(layer)` holds.
template <std::predicate<index> Rule>
[[nodiscard]] std::vector<index> read_layer_windows(config_reader const& r, index layers, index window,
                                                    Rule const& otherwise) {
    std::vector<index> windows(std::size_t(layers), 0);
    auto const         set = [&](index i, bool with) { windows[std::size_t(i)] = with ? window : 0; };
    for (index i = 0; i < layers; ++i) set(i, otherwise(i));
    auto const given = r.find({"layer_types", "attention.sliding_window_pattern"});
    if (!given) {
        auto const with = layers - std::ranges::count(windows, 0);
        r.took({"layer_types", "attention.sliding_window_pattern"},
               "a window in " + std::to_string(with) + " of " + std::to_string(layers) + " layers");
        return windows;
    }
    if (r.is_gguf() && given->is_list()) {
        auto const all = given->booleans_of_layers(layers);
        for (index i = 0; i < layers; ++i) set(i, all[std::size_t(i)]);
    } else if (r.is_gguf()) {
        index const n = given->integer(0, config_limits::layers);
        for (index i = 0; i < layers; ++i) set(i, n == 0 || i % n < n - 1);
    } else {
        json_value const list = given->json();
        for (index i = 0; i < layers; ++i) {
            json_value const       entry = list[std::size_t(i)];
            std::string_view const type  = entry.string();
            if (type != "full_attention" && type != "sliding_attention")
                entry.fail("full_attention or sliding_attention", "", "CF06");
            set(i, type == "sliding_attention");
        }
    }
    return windows;
}

} // namespace qeval
