// Llama: RMSNorm, rotary grouped-query attention, SwiGLU, a head that may share the embedding's matrix.
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

struct llama {
    static constexpr architecture_name names{"LlamaForCausalLM", "llama", "llama"};

    static constexpr auto gguf_names = with_names(decoder_names, {{"blk.*.ffn_gate", "model.layers.*.mlp.gate_proj"},
                                                                  {"blk.*.ffn_up", "model.layers.*.mlp.up_proj"},
                                                                  {"blk.*.ffn_down", "model.layers.*.mlp.down_proj"}});

    // With experts, GGUF's llama is Mixtral.
    static bool accepts(config_reader const& r) { return !r.is_gguf() || !has_experts(r); }

    struct config : decoder_config {
        bool attention_bias = false; // on q, k, v and o
        bool mlp_bias       = false;
    };
    static config read(config_reader const& r) {
        note_unread(r, window_key, "Llama");
        return read(r, {.context = 2048, .part = {4096, 11008, 32, 32, 32000}});
    }
    static config read(config_reader const& r, class_defaults otherwise) {
        config c{read_decoder(r, rope_order::adjacent_pairs, "silu", otherwise)};
        c.norm           = read_rms_norm(r);
        c.tied           = r.tied(false);
        c.attention_bias = r.flag("attention_bias", "model.layers.0.self_attn.q_proj.bias");
        c.mlp_bias       = r.flag("mlp_bias", "model.layers.0.mlp.up_proj.bias");
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.attention, c.rope, {.bias = attention_biases::all(c.attention_bias)}};
    }
    template <backend B>
    static gated_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.sizes.inner, gate_fn::silu, c.mlp_bias};
    }
    template <backend B>
    using model = decoder_model<B, llama>;
};

} // namespace qeval
