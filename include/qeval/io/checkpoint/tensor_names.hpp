// Tensor names of GGUF files <-> the canonical names, which are Hugging Face's. Each architecture has a table of pairs;
// "*" stands for the number of a layer, and what follows the last dot (".weight", ".bias") stays as it is.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <qeval/io/tensor/tensor.hpp>

namespace qeval {

struct tensor_name_pair {
    std::string_view gguf;      // "blk.*.attn_q"
    std::string_view canonical; // "model.layers.*.self_attn.q_proj"
};
using tensor_names = std::span<tensor_name_pair const>;

// What an architecture calls its tensors in GGUF: file readers get a list of these, as they get a list of gguf_type.
struct gguf_naming {
    std::string_view architecture; // general.architecture
    tensor_names     names;
};

namespace detail {

// `stem` with the layer's number of `pattern`; the number is empty where the pattern has none.
inline std::optional<std::string_view> match_name(std::string_view pattern, std::string_view stem) {
    auto const star = pattern.find('*');
    if (star == pattern.npos) return pattern == stem ? std::optional(std::string_view()) : std::nullopt;
    std::string_view const before = pattern.substr(0, star), after = pattern.substr(star + 1);
    if (stem.size() <= before.size() + after.size() || !stem.starts_with(before) || !stem.ends_with(after)) return {};
    auto const number = stem.substr(before.size(), stem.size() - before.size() - after.size());
    if (!std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; })) return {};
    return number;
}
// A name outside the table stays as it is.
inline std::string renamed(std::string_view name, tensor_names names, std::string_view tensor_name_pair::*from,
                           std::string_view tensor_name_pair::*to) {
    auto const dot = name.rfind('.');
    if (dot == name.npos) return std::string(name);
    for (auto const& pair : names) {
        auto const number = match_name(pair.*from, name.substr(0, dot));
        if (!number) continue;
        std::string made(pair.*to);
        if (auto const star = made.find('*'); star != made.npos) made.replace(star, 1, *number);
        return made.append(name.substr(dot));
    }
    return std::string(name);
}

} // namespace detail

// A decoder that was saved without the class of its head has no "model." before its names; adds it.
inline void add_base_prefix(std::span<tensor_view> tensors) {
    bool const has = std::ranges::any_of(tensors, [](auto const& t) { return t.name.starts_with("model."); });
    if (has || std::ranges::find(tensors, "embed_tokens.weight", &tensor_view::name) == tensors.end()) return;
    for (auto& t : tensors) {
        std::string_view const name = t.name;
        if (name.starts_with("embed_tokens.") || name.starts_with("layers.") || name.starts_with("norm."))
            t.name.insert(0, "model.");
    }
}

// "blk.3.attn_q.weight" -> "model.layers.3.self_attn.q_proj.weight"
[[nodiscard]] inline std::string canonical_name(std::string_view gguf, tensor_names names) {
    return detail::renamed(gguf, names, &tensor_name_pair::gguf, &tensor_name_pair::canonical);
}
// "model.layers.3.self_attn.q_proj.weight" -> "blk.3.attn_q.weight"
[[nodiscard]] inline std::string gguf_name(std::string_view canonical, tensor_names names) {
    return detail::renamed(canonical, names, &tensor_name_pair::canonical, &tensor_name_pair::gguf);
}

} // namespace qeval
