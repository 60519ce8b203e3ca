// StarCoder2: LayerNorm, rotary grouped-query attention with a window, a feed-forward block without a gate, and biases
// on every linear layer but the head. Origin: transformers, models/starcoder2.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/mlp.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct starcoder2 {
    static constexpr architecture_name names{"Starcoder2ForCausalLM", "starcoder2", "starcoder2"};

    static constexpr auto gguf_names = with_names(
        decoder_names, {{"blk.*.ffn_up", "model.layers.*.mlp.c_fc"}, {"blk.*.ffn_down", "model.layers.*.mlp.c_proj"}});

    struct config : decoder_config {
        bool bias = true; // on q, k, v, o and both matrices of the feed-forward block
    };
    static config read(config_reader const& r) {
        config c{read_decoder(r, rope_order::half_split, "gelu_pytorch_tanh",
                              {.context = 4096, .kv_heads = 2, .sizes = {3072, 12288, 30, 24, 49152}})};
        if (r.is_gguf())
            note_unread(r, window_key, "StarCoder2 in llama.cpp");
        else
            c.attention.window = read_window(r, "StarCoder2");
        c.norm = {norm_kind::layer, r.number({"norm_epsilon", "attention.layer_norm_epsilon"}, 1e-20, 1, 1e-5), true};
        c.tied = r.tied(true);
        c.bias = r.flag("use_bias", "model.layers.0.self_attn.q_proj.bias", true);
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.attention, c.rope, {.bias = attention_biases::all(c.bias)}};
    }
    template <backend B>
    static plain_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, "mlp.c_fc", "mlp.c_proj", c.sizes.width, c.sizes.inner, c.bias, activation_fn::gelu_tanh};
    }
    template <backend B>
    using model = decoder_model<B, starcoder2>;
};

} // namespace qeval
