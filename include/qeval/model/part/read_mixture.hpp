// What configurations say of experts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/shape.hpp>

namespace qeval {

// How many experts there are, and how many of them see a token. Defaults of config.json's class; a GGUF says both.
[[nodiscard]] inline routing_rule read_routing(config_reader const& r, config_key experts, index otherwise,
                                               index otherwise_used) {
    routing_rule     rule;
    config_key const used{"num_experts_per_tok", "expert_used_count"};
    rule.experts =
        r.is_gguf() ? r.size(experts, config_limits::width) : r.size(experts, config_limits::width, otherwise);
    rule.used =
        r.is_gguf() || otherwise_used == 0 ? r.size(used, rule.experts) : r.size(used, rule.experts, otherwise_used);
    if (rule.used > rule.experts) { // by default
        throw file_error{{"CF01", r.file() + ", experts of a token", std::to_string(rule.used),
                          "at most " + std::to_string(rule.experts) + ", as many as there are",
                          "no " + std::string(used.hf) + ", for which its class has a default"}};
    }
    return rule;
}

// Refuses groups that experts cannot be in (CF01): of unequal size, too small for what is asked of them.
inline void check_groups(config_reader const& r, routing_rule const& rule) {
    if (rule.groups == 0) return;
    index const size = rule.experts / rule.groups;
    if (rule.experts % rule.groups == 0 && size >= (rule.best_two ? 2 : 1) && rule.groups_used >= 1 &&
        rule.groups_used <= rule.groups && rule.used <= rule.groups_used * size)
        return;
    throw file_error{{"CF01", r.file() + ", groups of experts",
                      std::to_string(rule.experts) + " experts in " + std::to_string(rule.groups) + " groups, " +
                          std::to_string(rule.groups_used) + " of them used",
                      "groups of equal size with room for the " + std::to_string(rule.used) + " experts of a token",
                      ""}};
}

// The layers that have experts. config.json may leave out some by number, and all but each n-th.
[[nodiscard]] inline std::vector<bool> read_sparse_layers(config_reader const& r, index layers) {
    std::vector<bool> sparse(std::size_t(layers), true);
    if (r.is_gguf()) return sparse;
    index const step = r.size({"decoder_sparse_step"}, config_limits::layers, 1);
    for (index i = 0; i < layers; ++i) sparse[std::size_t(i)] = (i + 1) % step == 0;
    if (auto const list = r.find({"mlp_only_layers"})) {
        list->json().for_each_element(
            [&](std::size_t, json_value i) { sparse[std::size_t(i.integer(0, layers - 1))] = false; });
    }
    return sparse;
}

} // namespace qeval
