// gpt-oss: alternating windows, a score of nothing for each head, biases everywhere, and a mixture whose gate is
// clamped. Hugging Face's files have the experts' matrices the other way round, gates and values by turns. Origin:
// transformers, models/gpt_oss.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/layer_windows.hpp>
#include <qeval/model/part/mixture.hpp>
#include <qeval/model/part/read_mixture.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct gpt_oss {
    static constexpr architecture_name names{"GptOssForCausalLM", "gpt_oss", "gpt-oss"};
    static constexpr auto              gguf_names =
        with_names(decoder_names, {{"blk.*.post_attention_norm", "model.layers.*.post_attention_layernorm"},
                                   {"blk.*.attn_sinks", "model.layers.*.self_attn.sinks"},
                                   {"blk.*.ffn_gate_inp", "model.layers.*.mlp.router"},
                                   {"blk.*.ffn_gate_exps", "model.layers.*.mlp.experts.*.gate_proj"},
                                   {"blk.*.ffn_up_exps", "model.layers.*.mlp.experts.*.up_proj"},
                                   {"blk.*.ffn_down_exps", "model.layers.*.mlp.experts.*.down_proj"}});

    struct config : decoder_config {
        mixture_options mixture = {};
        bool            bias    = true; // of attention
        char const*     sinks   = "self_attn.sinks";
    };
    static config read(config_reader const& r) {
        expect_activation(r, "silu");
        rope_scaling const   stretched{.kind = "yarn", .factor = 32, .original = 4096, .truncate = false};
        class_defaults const usual{
            .context = 131072, .kv_heads = 8, .head_size = 64, .sizes = {2880, 2880, 36, 64, 201088}};
        config c{read_decoder(r, rotary_rule{.theta = 150000, .otherwise = stretched}, usual)};
        c.norm    = read_rms_norm(r, 1e-5);
        c.tied    = r.tied(false);
        c.bias    = r.flag("attention_bias", "model.layers.0.self_attn.q_proj.bias", true);
        c.windows = read_layer_windows(r, c.sizes.layers, r.size(window_key, config_limits::positions, 128),
                                       [](index i) { return i % 2 == 0; });
        if (r.is_gguf()) c.sinks = "self_attn.sinks.weight";
        auto& m      = c.mixture;
        m.inner      = r.is_gguf() ? r.size({"", "expert_feed_forward_length"}, config_limits::width) : c.sizes.inner;
        m.gate       = gate_fn::clamped_silu;
        m.rule       = read_routing(r, {"num_local_experts", "expert_count"}, 128, 4);
        m.rule.score = routing_rule::scores::softmax_chosen;
        m.biased     = true;
        m.router     = "mlp.router";
        m.transposed = !r.is_gguf();
        if (r.is_gguf()) {
            m.expert.gate_bias = "mlp.experts.*.gate_proj.bias";
            m.expert.up_bias   = "mlp.experts.*.up_proj.bias";
            m.expert.down_bias = "mlp.experts.*.down_proj.bias";
        } else {
            m.expert = {.gate        = "",
                        .up          = "",
                        .down        = "mlp.experts.down_proj.*",
                        .both        = "mlp.experts.gate_up_proj.*",
                        .alternating = true,
                        .gate_bias   = "mlp.experts.gate_up_proj_bias",
                        .down_bias   = "mlp.experts.down_proj_bias"};
        }
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        attention_options how{.bias = attention_biases::all(c.bias), .sinks = true};
        how.sink = c.sinks;
        return {w, at, c.sizes.width, c.attention_at(at.layer), c.rope, how};
    }
    template <backend B>
    static mixture<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.mixture};
    }
    template <backend B>
    using model = decoder_model<B, gpt_oss>;
};

} // namespace qeval
