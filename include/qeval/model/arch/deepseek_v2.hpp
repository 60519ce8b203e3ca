// DeepSeek-V2, -V2-Lite and -Coder-V2: latent attention, and behind the first layers a mixture of experts with blocks
// that every token goes through. The scale of the scores is multiplied by mscale(factor, mscale_all_dim)^2, as in the
// published model's own code and in transformers since 5. Origin: transformers, models/deepseek_v2.
#pragma once

#include <string>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/latent_attention.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/mixture.hpp>
#include <qeval/model/part/read_latent.hpp>
#include <qeval/model/part/read_mixture.hpp>
#include <qeval/model/part/rope_scaling.hpp>
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
        config c     = read_latent(r, rope_order::adjacent_pairs,
                                   {{.context = 2048, .sizes = {4096, 11008, 32, 32, 32000}}, 1407, 64, 0, 2});
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
        } else if (m.rule.groups == 0) {
            r.at({"n_group"}).fail("a number of groups, for group_limited_greedy", "CF01");
        }
        check_groups(r, m.rule);
        return c;
    }
    // What config.json's class takes where it says nothing. 0 experts used: it must say it.
    struct defaults {
        class_defaults model;
        index          inner = 0, experts = 0, used = 0, shared = 0, groups = 0, groups_used = 0, dense_layers = 0;
    };
    // What the third version has, too.
    static config read_latent(config_reader const& r, rope_order in_hf, defaults const& otherwise) {
        expect_activation(r, "silu");
        config c;
        c.sizes           = read_sizes(r, otherwise.model);
        c.latent          = read_latent_shape(r, otherwise.model.sizes.heads);
        auto&      l      = c.latent;
        auto&      a      = c.attention;
        auto const turned = read_latent_rotation(r, l, in_hf, c.sizes.positions);
        a.heads = a.kv_heads = l.heads;
        a.head_size          = l.nope + l.rope;
        a.value_size         = l.value;
        a.scale              = turned.scale;
        c.rope               = turned.rope;
        c.sizes.positions    = turned.context;
        if (l.absorbed) absorb(c);
        c.norm           = read_rms_norm(r);
        c.tied           = r.tied(false);
        auto const count = [&](config_key key, index most, index by_default) { // null, and absent in a GGUF: none
            return r.count(key, most, r.is_gguf() || r.is_null(key.hf) ? 0 : by_default);
        };
        c.dense_layers     = count({"first_k_dense_replace", "leading_dense_block_count"}, config_limits::layers,
                                   otherwise.dense_layers);
        auto& m            = c.mixture;
        m.inner            = read_size(r, {"moe_intermediate_size", "expert_feed_forward_length"}, config_limits::width,
                                       otherwise.inner);
        m.rule             = read_routing(r, {"n_routed_experts", "expert_count"}, otherwise.experts, otherwise.used);
        m.rule.groups      = count({"n_group", "expert_group_count"}, m.rule.experts, otherwise.groups);
        m.rule.groups_used = count({"topk_group", "expert_group_used_count"}, m.rule.groups, otherwise.groups_used);
        m.shared_inner     = m.inner * count({"n_shared_experts", "expert_shared_count"}, 1000, otherwise.shared);
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
};

} // namespace qeval
