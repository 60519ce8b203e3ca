// What configurations say of latent attention: its sizes, its rotation, and the scale of its scores.
#pragma once

#include <cmath>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/latent_attention.hpp>
#include <qeval/model/part/rope_scaling.hpp>
#include <qeval/model/part/rotary.hpp>
#include <qeval/model/shape.hpp>

namespace qeval {

// Defaults of config.json's classes, which differ in the number of heads alone.
[[nodiscard]] inline latent_shape read_latent_shape(config_reader const& r, index heads) {
    auto const width = [&](config_key key, index otherwise = 0) {
        return read_size(r, key, config_limits::width, otherwise);
    };
    latent_shape l;
    l.heads  = width({"num_attention_heads", "attention.head_count"}, heads);
    l.q_rank = is_default(r, "q_lora_rank", 1536) ? r.took({"q_lora_rank"}, index(1536)) : 0;
    if (config_key const rank{"q_lora_rank", "attention.q_lora_rank"}; r.find(rank)) l.q_rank = width(rank);
    l.kv_rank = width({"kv_lora_rank", "attention.kv_lora_rank"}, 512);
    l.rope    = width({"qk_rope_head_dim", "rope.dimension_count"}, 64);
    // Newer GGUFs state the sizes of absorbed heads, and those of whole ones beside them.
    bool const both = r.find({"", "attention.key_length_mla"}).has_value();
    l.nope          = r.is_gguf() ? width({"", both ? "attention.key_length_mla" : "attention.key_length"}) - l.rope
                                  : width({"qk_nope_head_dim"}, 128);
    l.value         = width({"v_head_dim", both ? "attention.value_length_mla" : "attention.value_length"}, 128);
    l.absorbed      = r.has_tensor("model.layers.0.self_attn.k_b_proj.0.weight");
    l.bias          = r.flag("attention_bias", "model.layers.0.self_attn.o_proj.bias");
    return l;
}

struct latent_rotation {
    rotary rope;
    index  context = 0; // that the model is used with
    float  scale   = 0; // of scores: mscale(factor, all_dim)^2 / sqrt(size of a whole head)
};
// positions: the context of the configuration. A GGUF has 0.1 * all_dim, and then the rotation itself is not scaled;
// without it llama.cpp scales both, by mscale(factor, 1).
[[nodiscard]] inline latent_rotation read_latent_rotation(config_reader const& r, latent_shape const& l,
                                                          rope_order in_hf, index positions) {
    rotary_rule const rule{.head_size = l.rope, .in_gguf = rope_order::adjacent_pairs, .in_hf = in_hf};
    auto const [rope, s] = read_rotation(r, rule, positions);
    latent_rotation out{rope, s.context};
    double          all = s.mscale_all_dim;
    if (r.is_gguf()) {
        all                = 10 * r.number({"", "rope.scaling.yarn_log_multiplier"}, 0, 1e3, 0);
        out.rope.magnitude = 1;
        if (all == 0 && s.kind == "yarn") {
            all                = 1;
            out.rope.magnitude = float(detail::yarn_scale(s.factor));
            r.note(r.file() + " has no rope.scaling.yarn_log_multiplier: rotation and scores are scaled as in " +
                   "llama.cpp of October 2026; that of August 2025 scales neither");
        }
    }
    double const m = s.kind == "yarn" && all > 0 ? detail::yarn_scale(s.factor, all) : 1;
    out.scale      = float(m * m / std::sqrt(double(l.nope + l.rope)));
    return out;
}

} // namespace qeval
