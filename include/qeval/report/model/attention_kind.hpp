// The kinds of attention by how many heads of queries read one of keys.
#pragma once

#include <string_view>

#include <qeval/model/layer_facts.hpp>

namespace qeval {

[[nodiscard]] constexpr std::string_view attention_kind(layer_facts const& layer) {
    auto const& a = layer.attention;
    if (layer.latent.kv > 0) return "latent";
    if (a.kv_heads == a.heads) return "multi-head";
    return a.kv_heads == 1 ? "multi-query" : "grouped";
}

[[nodiscard]] constexpr std::string_view name_of(routing_rule::scores s) {
    return s == routing_rule::scores::softmax   ? "softmax"
           : s == routing_rule::scores::sigmoid ? "sigmoid"
                                                : "softmax of those chosen";
}

} // namespace qeval
