// A named mix: which format each weight of a model gets, as rules over roles and layers.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include <qeval/core/view.hpp>
#include <qeval/model/role.hpp>
#include <qeval/scheme/mix_model.hpp>

namespace qeval {

// A share of the layers, with llama.cpp's integer divisions.
enum class layer_range {
    all,
    first_2,
    first_4,
    first_8th,          // i < n / 8
    first_16th,         // i < n / 16
    first_8th_matrices, // the same, where i counts matrices of the role: a layer may have two (mix_model::downs_before)
    middle,             // n / 8 <= i < 7 n / 8
    more_bits           // i < n / 8, or i >= 7 n / 8, or (i - n / 8) mod 3 = 2
};
constexpr bool contains(layer_range range, index i, index n) {
    switch (range) {
    case layer_range::all:
        return true;
    case layer_range::first_2:
        return i < 2;
    case layer_range::first_4:
        return i < 4;
    case layer_range::first_8th:
    case layer_range::first_8th_matrices:
        return i < n / 8;
    case layer_range::first_16th:
        return i < n / 16;
    case layer_range::middle:
        return i >= n / 8 && i < 7 * n / 8;
    case layer_range::more_bits:
        return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2;
    }
    return false;
}

// Whether a rule applies with an importance matrix, without one, or either way.
enum class importance_case { either, with, without };

// Whether a rule is for models with experts only, or for the matrices that a GGUF has in one tensor of three
// dimensions.
enum class expert_case { any, eight, four_or_more, stacked };

struct mix_rule {
    tensor_role      role;
    layer_range      layers;
    std::string_view format;
    index            min_sharing = 1; // applies where this many query heads or more share a key head
    importance_case  importance  = importance_case::either;
    expert_case      experts     = expert_case::any;

    // `as`: the role that the slot is taken for.
    [[nodiscard]] bool applies(tensor_slot const& slot, tensor_role as, mix_model const& model, bool weighed) const {
        index const i = layers == layer_range::first_8th_matrices ? model.downs_before(slot) : slot.layer;
        return role == as && model.sharing >= min_sharing && contains(layers, i, slot.layers) &&
               (importance == importance_case::either || (importance == importance_case::with) == weighed) &&
               applies_to(slot, model.experts);
    }
    [[nodiscard]] constexpr bool applies_to(tensor_slot const& slot, index count) const {
        switch (experts) {
        case expert_case::any:
            return true;
        case expert_case::eight:
            return count == 8;
        case expert_case::four_or_more:
            return count >= 4;
        case expert_case::stacked:
            return slot.members > 1;
        }
        return false;
    }
};
// A column fallback: rows that are no multiple of a format's block take another one.
struct column_fallback {
    std::string_view format, instead;
};

struct mix {
    std::string_view                  name;    // "q4_k_m"
    std::string_view                  base;    // the format of what no rule names
    std::string_view                  head;    // of the output matrix, or of the embedding where it is tied
    std::span<mix_rule const>         rules{}; // the first that fits decides
    std::string_view                  revision{};
    std::span<column_fallback const>  fallbacks{};
    bool                              base_weighed = false; // layers get the base with an importance matrix only,
    std::span<std::string_view const> weighed_formats{};    // and these formats
    bool                              fused_as_v = false;   // matrices that hold v are under its rules
    bool                              raises_v   = false;   // 70B: v in Q3_K or Q4_K gets Q5_K

    // `weighed`: with an importance matrix.
    [[nodiscard]] std::string_view format_of(tensor_slot const& slot, mix_model const& model, bool weighed) const {
        if (is_head(slot)) return head;
        auto const role = role_of(slot);
        auto const rule =
            std::ranges::find_if(rules, [&](auto const& r) { return r.applies(slot, role, model, weighed); });
        auto const format = rule == rules.end() ? base : rule->format;
        bool const raised = raises_v && model.is_70b && role == tensor_role::attn_v;
        return raised && (format == "Q3_K" || format == "Q4_K") ? "Q5_K" : format;
    }
    // What a GGUF calls "ffn_up" holds the gate, too, where both are one matrix.
    [[nodiscard]] constexpr tensor_role role_of(tensor_slot const& slot) const {
        if (slot.role == tensor_role::mlp_gate_up) return tensor_role::mlp_up;
        bool const holds_v = slot.role == tensor_role::attn_qkv || slot.role == tensor_role::attn_kv_b;
        if (holds_v && fused_as_v) return tensor_role::attn_v;
        return slot.role;
    }
    // Layers get the format with an importance matrix only.
    [[nodiscard]] constexpr bool weighs(std::string_view format) const {
        return (base_weighed && format == base) || std::ranges::find(weighed_formats, format) != weighed_formats.end();
    }
    // As long as rows are multiples of the blocks.
    [[nodiscard]] constexpr bool needs_importance() const {
        return weighs(base) || std::ranges::any_of(rules, [this](mix_rule const& r) { return weighs(r.format); });
    }
    [[nodiscard]] static constexpr bool is_head(tensor_slot const& slot) {
        return slot.role == tensor_role::head || (slot.role == tensor_role::embedding && slot.tied);
    }
};

} // namespace qeval
