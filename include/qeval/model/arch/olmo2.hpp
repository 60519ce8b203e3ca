// OLMo 2: Llama with norms behind each part of a layer, none before, and norms of all queries and of all keys together.
// Origin: transformers, models/olmo2.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/gated_decoder.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct olmo2 : gated_decoder {
    static constexpr architecture_name names{"Olmo2ForCausalLM", "olmo2", "olmo2"};

    static constexpr auto gguf_names =
        with_names(llama::gguf_names, {{"blk.*.attn_q_norm", "model.layers.*.self_attn.q_norm"},
                                       {"blk.*.attn_k_norm", "model.layers.*.self_attn.k_norm"},
                                       {"blk.*.post_attention_norm", "model.layers.*.post_attention_layernorm"},
                                       {"blk.*.post_ffw_norm", "model.layers.*.post_feedforward_layernorm"}});

    struct config : decoder_config {
        bool attention_bias = false; // on q, k, v and o
    };
    static config read(config_reader const& r) {
        if (auto const window = r.find({"", window_key.gguf}))
            window->refuse("a window, which OLMo 3 has", "none, as in OLMo 2", "CF06");
        config c{
            read_decoder(r, rope_order::half_split, "silu", {.context = 2048, .sizes = {4096, 11008, 32, 32, 50304}})};
        c.names          = {.attention_norm = "",
                            .mlp_norm       = "",
                            .attention_post = "post_attention_layernorm",
                            .mlp_post       = "post_feedforward_layernorm"};
        c.norm           = read_rms_norm(r, 1e-5);
        c.tied           = r.tied(false);
        c.attention_bias = r.flag("attention_bias", "model.layers.0.self_attn.q_proj.bias");
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w,
                at,
                c.sizes.width,
                c.attention,
                c.rope,
                {.bias = attention_biases::all(c.attention_bias), .norms = head_norm::whole, .norm = c.norm}};
    }
    template <backend B>
    using model = decoder_model<B, olmo2>;
};

} // namespace qeval
