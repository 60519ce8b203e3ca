// Qwen3-MoE: normed query and key heads, no biases, and a mixture of experts in all layers but those that the
// configuration leaves out. Origin: transformers, models/qwen3_moe.
#pragma once

#include <vector>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/qwen2_moe.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/mixture.hpp>
#include <qeval/model/part/read_mixture.hpp>

namespace qeval {

struct qwen3_moe {
    static constexpr architecture_name names{"Qwen3MoeForCausalLM", "qwen3_moe", "qwen3moe"};
    static constexpr auto              gguf_names =
        with_names(qwen2_moe::gguf_names, {{"blk.*.attn_q_norm", "model.layers.*.self_attn.q_norm"},
                                           {"blk.*.attn_k_norm", "model.layers.*.self_attn.k_norm"}});

    struct config : decoder_config {
        mixture_options   mixture = {};
        std::vector<bool> sparse  = {}; // of each layer: it has experts
        bool              bias    = false;
    };
    static config read(config_reader const& r) {
        expect_activation(r, "silu");
        config c{
            read_decoder(r, rotary_rule{}, {.context = 32768, .kv_heads = 4, .sizes = {2048, 6144, 24, 32, 151936}})};
        c.norm = read_rms_norm(r);
        c.tied = r.tied(false);
        c.attention.window =
            r.flag("use_sliding_window", "") ? r.size({"sliding_window"}, config_limits::positions, 4096) : 0;
        c.bias          = r.flag("attention_bias", "model.layers.0.self_attn.q_proj.bias");
        c.sparse        = read_sparse_layers(r, c.sizes.layers);
        c.mixture.inner = r.size({"moe_intermediate_size", "expert_feed_forward_length"}, config_limits::width, 768);
        c.mixture.rule  = read_routing(r, {"num_experts", "expert_count"}, 128, 8);
        c.mixture.rule.normalised = r.is_gguf() || r.flag("norm_topk_prob", ""); // llama.cpp always does
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w,           at,     c.sizes.width,
                c.attention, c.rope, {.bias = attention_biases::all(c.bias), .norms = head_norm::head, .norm = c.norm}};
    }
    template <backend B>
    static mixture_or_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        if (c.sparse[std::size_t(at.layer)]) return mixture<B>(w, at, c.sizes.width, c.mixture);
        return gated_mlp<B>(w, at, c.sizes.width, c.sizes.inner);
    }
    template <backend B>
    using model = decoder_model<B, qwen3_moe>;
};

} // namespace qeval
