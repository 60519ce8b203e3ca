// GPT-2: LayerNorm, a table of positions instead of a rotation, q, k and v in one matrix, a feed-forward block without
// a gate, and matrices that safetensors stores as [inputs, outputs]. Origin: transformers, models/gpt2.
#pragma once

#include <cmath>
#include <string_view>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/mlp.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/shape.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct gpt2 {
    static constexpr architecture_name names{"GPT2LMHeadModel", "gpt2", "gpt2"};

    static constexpr tensor_name_pair gguf_names[] = {
        {"token_embd", "transformer.wte"},
        {"position_embd", "transformer.wpe"},
        {"output_norm", "transformer.ln_f"},
        {"output", "lm_head"},
        {"blk.*.attn_norm", "transformer.h.*.ln_1"},
        {"blk.*.attn_qkv", "transformer.h.*.attn.c_attn"},
        {"blk.*.attn_output", "transformer.h.*.attn.c_proj"},
        {"blk.*.ffn_norm", "transformer.h.*.ln_2"},
        {"blk.*.ffn_up", "transformer.h.*.mlp.c_fc"},
        {"blk.*.ffn_down", "transformer.h.*.mlp.c_proj"},
    };

    struct config : decoder_config {
        bool        transposed = true;  // its matrices; a GGUF has them as they are everywhere else
        bool        by_layer   = false; // scores are divided by the number of the layer, from 1
        fused_order fused      = fused_order::blocks;
    };
    static config read(config_reader const& r) {
        config c     = read(r, "gelu_new");
        c.transposed = !r.is_gguf();
        c.by_layer   = r.truth({"scale_attn_by_inverse_layer_idx"});
        return c;
    }
    // What GPT-BigCode shares.
    static config read(config_reader const& r, std::string_view activation) {
        class_defaults const otherwise{.context = 1024,
                                       .widths  = 4,
                                       .names   = {.width     = "n_embd",
                                                   .inner     = "n_inner",
                                                   .layers    = "n_layer",
                                                   .heads     = "n_head",
                                                   .kv_heads  = "",
                                                   .positions = "n_positions"},
                                       .sizes   = {768, 0, 12, 12, 50257}};
        expect_activation(r, activation, "activation_function");
        config c;
        c.sizes     = read_sizes(r, otherwise);
        c.attention = read_heads(r, c.sizes.width, otherwise);
        c.norm      = read_layer_norm(r, "layer_norm_epsilon", true);
        c.tied      = r.tied(true);
        c.names     = {.layers         = "transformer.h.",
                       .embedding      = "transformer.wte",
                       .norm           = "transformer.ln_f",
                       .positions      = "transformer.wpe",
                       .attention_norm = "ln_1",
                       .mlp_norm       = "ln_2"};
        if (!r.truth({"scale_attn_weights"}, true)) c.attention.scale = 1;
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place at) {
        w.unused(at.base + "attn.bias"); // masks, in older files
        w.unused(at.base + "attn.masked_bias");
        auto shape    = c.attention;
        at.transposed = c.transposed;
        if (c.by_layer) {
            float const whole = shape.scale > 0 ? shape.scale : 1 / std::sqrt(float(shape.head_size));
            shape.scale       = whole / float(at.layer + 1);
        }
        return {w,
                at,
                c.sizes.width,
                shape,
                rotary{},
                {.bias = attention_biases::all(true), .fused = c.fused, .o = "attn.c_proj", .qkv = "attn.c_attn"}};
    }
    template <backend B>
    static plain_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place at) {
        at.transposed = c.transposed;
        return {w, at, "mlp.c_fc", "mlp.c_proj", c.sizes.width, c.sizes.inner, true, activation_fn::gelu_tanh};
    }
    template <backend B>
    using model = decoder_model<B, gpt2>;
};

} // namespace qeval
