// DeepSeek-V2, -V2-Lite and -Coder-V2: latent attention, and behind the first layers a mixture of experts with blocks
// that every token goes through. The scale of the scores is multiplied by mscale(factor, mscale_all_dim)^2, as in the
// published model's own code and in transformers since 5. Origin: transformers, models/deepseek_v2.
#pragma once

#include <cmath>
#include <string>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/latent_attention.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/mixture.hpp>
#include <qeval/model/part/read_mixture.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct deepseek_v2 {
    static constexpr architecture_name names{"DeepseekV2ForCausalLM", "deepseek_v2", "deepseek2"};
    static constexpr auto              gguf_names =
        with_names(decoder_names, {{"blk.*.attn_q_a", "model.layers.*.self_attn.q_a_proj"},
                                   {"blk.*.attn_q_a_norm", "model.layers.*.self_attn.q_a_layernorm"},
                                   {"blk.*.attn_q_b", "model.layers.*.self_attn.q_b_proj"},
                                   {"blk.*.attn_kv_a_mqa", "model.layers.*.self_attn.kv_a_proj_with_mqa"},
                                   {"blk.*.attn_kv_a_norm", "model.layers.*.self_attn.kv_a_layernorm"},
                                   {"blk.*.attn_kv_b", "model.layers.*.self_attn.kv_b_proj"},
                                   {"blk.*.attn_k_b", "model.layers.*.self_attn.k_b_proj.*"},
                                   {"blk.*.attn_v_b", "model.layers.*.self_attn.v_b_proj.*"},
                                   {"blk.*.ffn_gate", "model.layers.*.mlp.gate_proj"},
                                   {"blk.*.ffn_up", "model.layers.*.mlp.up_proj"},
                                   {"blk.*.ffn_down", "model.layers.*.mlp.down_proj"},
                                   {"blk.*.ffn_gate_inp", "model.layers.*.mlp.gate"},
                                   {"blk.*.exp_probs_b.bias", "model.layers.*.mlp.gate.e_score_correction_bias"},
                                   {"blk.*.ffn_gate_exps", "model.layers.*.mlp.experts.*.gate_proj"},
                                   {"blk.*.ffn_up_exps", "model.layers.*.mlp.experts.*.up_proj"},
                                   {"blk.*.ffn_down_exps", "model.layers.*.mlp.experts.*.down_proj"},
                                   {"blk.*.ffn_gate_shexp", "model.layers.*.mlp.shared_experts.gate_proj"},
                                   {"blk.*.ffn_up_shexp", "model.layers.*.mlp.shared_experts.up_proj"},
                                   {"blk.*.ffn_down_shexp", "model.layers.*.mlp.shared_experts.down_proj"}});

    // 1 of GGUF's gating functions is softmax, which older files do not say; DeepSeek-V3 has another one.
    static bool accepts(config_reader const& r) {
        return !r.is_gguf() || r.count({"", "expert_gating_func"}, 100, 1) == 1;
    }

    struct config : decoder_config {
        latent_shape    latent       = {};
        mixture_options mixture      = {};
        index           dense_layers = 0; // the first ones
    };
    static config read(config_reader const& r) {
        config c     = read_latent(r, rope_order::adjacent_pairs, 2048);
        auto&  m     = c.mixture;
        m.rule.scale = float(r.number({"routed_scaling_factor", "expert_weights_scale"}, 1e-6, 1e6, 1));
        if (r.flag("norm_topk_prob", "") || r.truth({"", "expert_weights_norm"}))
            m.rule.normalised = true, m.rule.scale = 1;
        auto const method = r.find({"topk_method"});
        if (!method) r.took({"topk_method"}, std::string("greedy"));
        if (!method || method->text() == "greedy") {
            m.rule.groups = 0;
        } else if (method->text() != "group_limited_greedy") {
            method->fail("greedy or group_limited_greedy", "CF06");
        }
        check_groups(r, m.rule);
        return c;
    }
    // What the third version has, too.
    static config read_latent(config_reader const& r, rope_order in_hf, index context) {
        expect_activation(r, "silu");
        config     c;
        auto const width = [&](config_key key) { return r.size(key, config_limits::width); };
        auto&      l     = c.latent;
        c.sizes          = read_sizes(r, {.context = context});
        l.q_rank         = is_default(r, "q_lora_rank", 1536) ? r.took({"q_lora_rank"}, index(1536)) : 0;
        if (auto const rank = r.find({"q_lora_rank", "attention.q_lora_rank"}))
            l.q_rank = rank->integer(1, config_limits::width);
        l.kv_rank = width({"kv_lora_rank", "attention.kv_lora_rank"});
        l.rope    = width({"qk_rope_head_dim", "rope.dimension_count"});
        // Newer GGUFs state the sizes of absorbed heads, and those of whole ones beside them.
        bool const both = r.find({"", "attention.key_length_mla"}).has_value();
        l.nope          = r.is_gguf() ? width({"", both ? "attention.key_length_mla" : "attention.key_length"}) - l.rope
                                      : width({"qk_nope_head_dim"});
        l.value         = width({"v_head_dim", both ? "attention.value_length_mla" : "attention.value_length"});
        l.absorbed      = r.has_tensor("model.layers.0.self_attn.k_b_proj.0.weight");
        l.bias          = r.flag("attention_bias", "model.layers.0.self_attn.o_proj.bias");
        auto& a         = c.attention;
        a.heads = a.kv_heads = l.heads = width({"num_attention_heads", "attention.head_count"});
        a.head_size                    = l.nope + l.rope;
        a.value_size                   = l.value;
        rotary_rule const rule{.head_size = l.rope, .in_gguf = rope_order::adjacent_pairs, .in_hf = in_hf};
        c.rope            = read_rotary(r, rule, c.sizes.positions);
        a.scale           = score_scale(r, rule, c);
        c.sizes.positions = used_context(r, c.sizes.positions);
        if (l.absorbed) absorb(c);
        c.norm             = read_rms_norm(r);
        c.tied             = r.tied(false);
        c.dense_layers     = r.count({"first_k_dense_replace", "leading_dense_block_count"}, config_limits::layers, 0);
        auto& m            = c.mixture;
        m.inner            = width({"moe_intermediate_size", "expert_feed_forward_length"});
        m.rule             = read_routing(r, {"n_routed_experts", "expert_count"}, 64, 0);
        m.rule.groups      = r.count({"n_group", "expert_group_count"}, m.rule.experts, 0);
        m.rule.groups_used = r.count({"topk_group", "expert_group_used_count"}, m.rule.groups, 0);
        m.shared_inner     = m.inner * r.count({"n_shared_experts", "expert_shared_count"}, 1000, 0);
        return c;
    }

    // The attention of absorbed heads: one key for all of them.
    static void absorb(config& c) {
        c.latent.absorbed      = true;
        c.attention.kv_heads   = 1;
        c.attention.head_size  = c.latent.kv_rank + c.latent.rope;
        c.attention.value_size = c.latent.kv_rank;
    }

    template <backend B>
    static latent_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.attention, c.latent, c.rope, norm_rule{norm_kind::rms, 1e-6}};
    }
    template <backend B>
    static mixture_or_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        if (at.layer >= c.dense_layers) return mixture<B>(w, at, c.sizes.width, c.mixture);
        return gated_mlp<B>(w, at, c.sizes.width, c.sizes.inner);
    }
    template <backend B>
    using model = decoder_model<B, deepseek_v2>;

private:
    // mscale(factor, all_dim)^2 / sqrt(head size). A GGUF has 0.1 * all_dim, and then the rotation itself is not
    // scaled; without it llama.cpp scales both, by mscale(factor, 1).
    static float score_scale(config_reader const& r, rotary_rule const& rule, config& c) {
        auto const s   = read_rope_scaling(r, rule, c.sizes.positions, rule.head_size / 2);
        double     all = s.mscale_all_dim;
        if (r.is_gguf()) {
            all              = 10 * r.number({"", "rope.scaling.yarn_log_multiplier"}, 0, 1e3, 0);
            c.rope.magnitude = 1;
            if (all == 0 && s.kind == "yarn") {
                all              = 1;
                c.rope.magnitude = float(detail::yarn_scale(s.factor));
                r.note(r.file() + " has no rope.scaling.yarn_log_multiplier: rotation and scores are scaled as in " +
                       "llama.cpp of October 2026; that of August 2025 scales neither");
            }
        }
        double const m = s.kind == "yarn" && all > 0 ? detail::yarn_scale(s.factor, all) : 1;
        return float(m * m / std::sqrt(double(c.attention.head_size)));
    }
};

} // namespace qeval
