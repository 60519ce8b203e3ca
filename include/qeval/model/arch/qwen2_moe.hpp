// Qwen2-MoE: Qwen2 with a mixture of experts and a gated block that every token goes through, in all layers but those
// that the configuration leaves out. Origin: transformers, models/qwen2_moe.
#pragma once

#include <vector>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/qwen2.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/mixture.hpp>
#include <qeval/model/part/read_mixture.hpp>

namespace qeval {

struct qwen2_moe {
    static constexpr architecture_name names{"Qwen2MoeForCausalLM", "qwen2_moe", "qwen2moe"};
    static constexpr auto              gguf_names =
        with_names(qwen2::gguf_names, {{"blk.*.ffn_gate_inp", "model.layers.*.mlp.gate"},
                                       {"blk.*.ffn_gate_inp_shexp", "model.layers.*.mlp.shared_expert_gate"},
                                       {"blk.*.ffn_gate_exps", "model.layers.*.mlp.experts.*.gate_proj"},
                                       {"blk.*.ffn_up_exps", "model.layers.*.mlp.experts.*.up_proj"},
                                       {"blk.*.ffn_down_exps", "model.layers.*.mlp.experts.*.down_proj"},
                                       {"blk.*.ffn_gate_shexp", "model.layers.*.mlp.shared_expert.gate_proj"},
                                       {"blk.*.ffn_up_shexp", "model.layers.*.mlp.shared_expert.up_proj"},
                                       {"blk.*.ffn_down_shexp", "model.layers.*.mlp.shared_expert.down_proj"}});

    struct config : qwen2::config {
        mixture_options   mixture = {};
        std::vector<bool> sparse  = {}; // of each layer: it has experts
        bool              bias    = true;
    };
    static config read(config_reader const& r) {
        expect_activation(r, "silu");
        config c{
            read_decoder(r, rotary_rule{}, {.context = 32768, .kv_heads = 16, .sizes = {2048, 5632, 24, 16, 151936}})};
        qwen2::read_windows(r, c);
        c.norm            = read_rms_norm(r);
        c.tied            = r.tied(false);
        c.bias            = r.flag("qkv_bias", "model.layers.0.self_attn.q_proj.bias", true);
        c.sparse          = read_sparse_layers(r, c.sizes.layers);
        auto& m           = c.mixture;
        m.inner           = r.size({"moe_intermediate_size", "expert_feed_forward_length"}, config_limits::width, 1408);
        m.rule            = read_routing(r, {"num_experts", "expert_count"}, 60, 4);
        m.shared_inner    = r.size({"shared_expert_intermediate_size", "expert_shared_feed_forward_length"},
                                   config_limits::width, 5632);
        m.shared_gated    = true;
        m.shared          = {"mlp.shared_expert.gate_proj", "mlp.shared_expert.up_proj", "mlp.shared_expert.down_proj"};
        m.rule.normalised = r.flag("norm_topk_prob", "");
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return qwen2::attention_of(c, w, at, c.bias);
    }
    template <backend B>
    static mixture_or_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        if (c.sparse[std::size_t(at.layer)]) return mixture<B>(w, at, c.sizes.width, c.mixture);
        return gated_mlp<B>(w, at, c.sizes.width, c.sizes.inner);
    }
    template <backend B>
    using model = decoder_model<B, qwen2_moe>;
};

} // namespace qeval
