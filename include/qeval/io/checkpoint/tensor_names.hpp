// Tensor names of GGUF files <-> the canonical names, which are Hugging Face's. Each architecture has a table of pairs;
// the first "*" stands for the number of a layer, and what follows the last dot (".weight", ".bias") stays as it is,
// unless a pair names it ("blk.*.exp_probs_b.bias" has no ".bias" in the other name). A second "*" of a canonical name
// is the number of an expert: GGUF has the matrices of all experts in one tensor.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// The numbers at the stars of `pattern` in a `stem` that has its form: of the layer, and of the expert. A star in the
// stem stands for all of them.
struct name_numbers {
    std::string_view at[2];
};
inline std::optional<name_numbers> match_name(std::string_view pattern, std::string_view stem) {
    name_numbers found;
    for (std::size_t i = 0;; ++i) {
        auto const star = std::min(pattern.find('*'), pattern.size());
        if (stem.substr(0, star) != pattern.substr(0, star)) return {};
        stem.remove_prefix(star);
        pattern.remove_prefix(star);
        if (pattern.empty()) return stem.empty() ? std::optional(found) : std::nullopt;
        auto const size = stem.starts_with('*') ? 1 : std::min(stem.find_first_not_of("0123456789"), stem.size());
        if (size == 0) return {};
        found.at[i] = stem.substr(0, size);
        pattern.remove_prefix(1);
        stem.remove_prefix(size);
    }
}
// A name outside the table stays as it is.
inline std::string renamed(std::string_view name, tensor_names names, std::string_view tensor_name_pair::*from,
                           std::string_view tensor_name_pair::*to) {
    auto const dot = name.rfind('.');
    if (dot == name.npos) return std::string(name);
    for (auto const& pair : names) {
        bool const whole   = pair.gguf.ends_with(".weight") || pair.gguf.ends_with(".bias");
        auto const numbers = match_name(pair.*from, whole ? name : name.substr(0, dot));
        if (!numbers) continue;
        std::string made(pair.*to);
        std::size_t star = 0;
        for (auto const number : numbers->at) {
            star = number.empty() ? made.npos : made.find('*', star);
            if (star == made.npos) break; // the tensor of all experts
            made.replace(star, 1, number);
        }
        return whole ? made : made.append(name.substr(dot));
    }
    return std::string(name);
}

} // namespace detail

// The name of one expert's matrix, where `stack` names a tensor that has those of all experts, one after the other:
// its "*" becomes the number; without one, the number stands before the last part, ".weight".
[[nodiscard]] inline std::string expert_name(std::string stack, index expert) {
    auto const number = std::to_string(expert);
    if (auto const star = stack.find('*'); star != stack.npos) return stack.replace(star, 1, number);
    if (stack.ends_with(".weight")) return stack.insert(stack.size() - std::string_view("weight").size(), number + ".");
    return stack + "." + number + ".weight";
}
// A tensor of three dimensions is the matrices of a layer's experts, [experts, rows, cols]: it is replaced by them.
// Matrices that are smaller than what describes them stay together: a header cannot ask for much memory.
inline void split_stacks(std::vector<tensor_view>& tensors) {
    std::vector<tensor_view> all;
    for (auto& t : tensors) {
        bool const stack = t.shape.size() == 3 && t.shape[0] > 0 && t.bytes.size() % std::size_t(t.shape[0]) == 0;
        auto const size  = stack ? t.bytes.size() / std::size_t(t.shape[0]) : 0;
        if (size < sizeof(tensor_view)) {
            all.push_back(std::move(t));
            continue;
        }
        for (index e = 0; e < t.shape[0]; ++e) {
            auto& one = all.emplace_back(t);
            one.name  = expert_name(t.name, e);
            one.shape.erase(one.shape.begin());
            one.bytes = t.bytes.subspan(std::size_t(e) * size, size);
        }
    }
    tensors = std::move(all);
}

// A decoder that was saved without the class of its head has no "model." before its names, GPT-2 and Falcon no
// "transformer.", GPT-NeoX no "gpt_neox."; adds it.
inline void add_base_prefix(std::span<tensor_view> tensors) {
    struct base {
        std::string_view prefix, embedding;
        std::string_view parts[3]; // the first parts of the other names
    };
    constexpr base bases[] = {{"model.", "embed_tokens.", {"layers.", "norm.", "final_layernorm."}},
                              {"transformer.", "wte.", {"wpe.", "h.", "ln_f."}},
                              {"transformer.", "word_embeddings.", {"h.", "h.", "ln_f."}},
                              {"gpt_neox.", "embed_in.", {"layers.", "layers.", "final_layer_norm."}}};
    for (auto const& b : bases) {
        bool const has = std::ranges::any_of(tensors, [&](auto const& t) { return t.name.starts_with(b.prefix); });
        if (has || std::ranges::find(tensors, std::string(b.embedding) + "weight", &tensor_view::name) == tensors.end())
            continue;
        for (auto& t : tensors) {
            std::string_view const name  = t.name;
            bool const             inner = std::ranges::any_of(b.parts, [&](auto p) { return name.starts_with(p); });
            if (inner || name.starts_with(b.embedding)) t.name.insert(0, b.prefix);
        }
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
