// Tensor names of GGUF files of the Llama family <-> the canonical names, which are Hugging Face's.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace qeval {

struct tensor_name_pair {
    std::string_view gguf;
    std::string_view canonical;
};

inline constexpr std::array<tensor_name_pair, 3> gguf_model_names{{
    {"token_embd", "model.embed_tokens"},
    {"output_norm", "model.norm"},
    {"output", "lm_head"},
}};
// Inside "blk.N." and "model.layers.N.".
inline constexpr std::array<tensor_name_pair, 11> gguf_layer_names{{
    {"attn_norm", "input_layernorm"},
    {"attn_q", "self_attn.q_proj"},
    {"attn_k", "self_attn.k_proj"},
    {"attn_v", "self_attn.v_proj"},
    {"attn_output", "self_attn.o_proj"},
    {"attn_q_norm", "self_attn.q_norm"},
    {"attn_k_norm", "self_attn.k_norm"},
    {"ffn_norm", "post_attention_layernorm"},
    {"ffn_gate", "mlp.gate_proj"},
    {"ffn_up", "mlp.up_proj"},
    {"ffn_down", "mlp.down_proj"},
}};

// "blk.3.attn_q.weight" -> "model.layers.3.self_attn.q_proj.weight"; a name outside the table stays as it is.
[[nodiscard]] inline std::string canonical_name(std::string_view gguf) {
    auto const dot = gguf.rfind('.');
    if (dot == gguf.npos) return std::string(gguf);
    std::string_view const stem = gguf.substr(0, dot), suffix = gguf.substr(dot); // ".weight" or ".bias"
    for (auto const& p : gguf_model_names) {
        if (stem == p.gguf) return std::string(p.canonical) + std::string(suffix);
    }
    if (stem.substr(0, 4) != "blk.") return std::string(gguf);
    auto const end = stem.find('.', 4);
    if (end == stem.npos) return std::string(gguf);
    std::string_view const layer = stem.substr(4, end - 4), part = stem.substr(end + 1);
    for (auto const& p : gguf_layer_names) {
        if (part == p.gguf) {
            return "model.layers." + std::string(layer) + "." + std::string(p.canonical) + std::string(suffix);
        }
    }
    return std::string(gguf);
}

} // namespace qeval
