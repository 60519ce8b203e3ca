// GPT-NeoX and Pythia: LayerNorm, q, k and v in one matrix, head by head in safetensors and one behind the other in a
// GGUF, partial rotation, and attention beside the feed-forward block or before it. Origin: transformers,
// models/gpt_neox.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/mlp.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/part/rotary.hpp>
#include <qeval/model/shape.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct gpt_neox {
    static constexpr architecture_name names{"GPTNeoXForCausalLM", "gpt_neox", "gptneox"};

    static constexpr tensor_name_pair gguf_names[] = {
        {"token_embd", "gpt_neox.embed_in"},
        {"output_norm", "gpt_neox.final_layer_norm"},
        {"output", "embed_out"},
        {"blk.*.attn_norm", "gpt_neox.layers.*.input_layernorm"},
        {"blk.*.attn_qkv", "gpt_neox.layers.*.attention.query_key_value"},
        {"blk.*.attn_output", "gpt_neox.layers.*.attention.dense"},
        {"blk.*.ffn_norm", "gpt_neox.layers.*.post_attention_layernorm"},
        {"blk.*.ffn_up", "gpt_neox.layers.*.mlp.dense_h_to_4h"},
        {"blk.*.ffn_down", "gpt_neox.layers.*.mlp.dense_4h_to_h"},
    };

    struct config : decoder_config {
        bool        attention_bias = true; // on q, k, v and o
        fused_order fused          = fused_order::groups;
    };
    static config read(config_reader const& r) {
        rotary_rule const rule{
            .part = 0.25, .theta_key = {"rotary_emb_base", "rope.freq_base"}, .part_key = "rotary_pct"};
        expect_activation(r, "gelu");
        config c{
            read_decoder(r, rule, {.context = 2048, .names = {.kv_heads = ""}, .sizes = {6144, 24576, 44, 64, 50432}}),
            true, fused_order::groups};
        c.norm           = read_layer_norm(r, "layer_norm_eps", true);
        c.tied           = r.tied(false, "embed_out.weight");
        c.parallel       = r.truth({"use_parallel_residual", "use_parallel_residual"}, true);
        c.attention_bias = r.flag("attention_bias", "gpt_neox.layers.0.attention.dense.bias", true);
        if (r.is_gguf()) c.fused = fused_order::blocks;
        c.names = {.layers    = "gpt_neox.layers.",
                   .embedding = "gpt_neox.embed_in",
                   .norm      = "gpt_neox.final_layer_norm",
                   .head      = "embed_out"};
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        w.unused(at.base + "attention.bias"); // masks, in older files
        w.unused(at.base + "attention.masked_bias");
        return {w,
                at,
                c.sizes.width,
                c.attention,
                c.rope,
                {.bias  = attention_biases::all(c.attention_bias),
                 .fused = c.fused,
                 .o     = "attention.dense",
                 .qkv   = "attention.query_key_value"}};
    }
    template <backend B>
    static plain_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {
            w, at, "mlp.dense_h_to_4h", "mlp.dense_4h_to_h", c.sizes.width, c.sizes.inner, true, activation_fn::gelu};
    }
    template <backend B>
    using model = decoder_model<B, gpt_neox>;
};

} // namespace qeval
