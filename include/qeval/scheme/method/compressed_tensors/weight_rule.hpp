// What a group of compressed-tensors' configuration promises of the weights of its modules: "weights": {"num_bits",
// "type", "strategy", "symmetric", "group_size", "block_structure"}.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/io/json/json_value.hpp>

namespace qeval::compressed_tensors {

// Weights share a scale in parts of `height` rows and `width` columns, 0 for all of them.
struct weight_rule {
    int   bits   = 0;
    bool  floats = false, symmetric = true;
    index height = 1, width = 0;

    [[nodiscard]] bool has_scales(std::vector<index> const& shape, index rows, index cols) const {
        auto const  parts = [](index all, index size) { return size == 0 ? 1 : (all + size - 1) / size; };
        index const down = parts(rows, height), across = parts(cols, width);
        if (down * across == 1) return std::ranges::all_of(shape, [](index d) { return d == 1; });
        return shape == std::vector<index>{down, across} || (across == 1 && shape == std::vector<index>{down});
    }
    // As names of formats say it; a channel is what they have where they say nothing.
    [[nodiscard]] std::string sizes() const {
        if (width == 0) return height == 0 ? ":tensor" : "";
        return height == 1 ? ":g" + std::to_string(width) : ":" + std::to_string(height) + "x" + std::to_string(width);
    }
};

[[nodiscard]] inline weight_rule read_weight_rule(json_value const& w) {
    weight_rule       rule;
    auto const        bits = w.at("num_bits"), type = w.at("type"), strategy = w.at("strategy");
    std::string const how = strategy.string();
    rule.bits             = static_cast<int>(bits.integer(1, 64));
    rule.floats           = type.string() == "float";
    rule.symmetric        = w.at("symmetric").boolean();
    if (!rule.floats && type.string() != "int") type.fail("\"int\" or \"float\"", "", "CF03");
    if (rule.floats ? rule.bits != 4 && rule.bits != 8 : rule.bits < 2 || rule.bits > 8)
        bits.fail(rule.floats ? "4 or 8, for floats" : "2 to 8", "", "CF03");
    if (how == "tensor") {
        rule.height = 0;
    } else if (how == "group" || how == "tensor_group") { // the latter's scales have one more above them
        rule.width = w.at("group_size").integer(1, std::int64_t{1} << 30);
    } else if (how == "block") {
        auto const block = w.at("block_structure");
        rule.height = block[0].integer(1, 65536), rule.width = block[1].integer(1, 65536);
    } else if (how != "channel") {
        strategy.fail("\"group\", \"tensor_group\", \"channel\", \"tensor\" or \"block\"", "", "CF03");
    }
    return rule;
}

} // namespace qeval::compressed_tensors
