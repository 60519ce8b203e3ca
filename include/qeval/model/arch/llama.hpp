// Llama: RMSNorm, rotary grouped-query attention, SwiGLU, a head that may share the embedding's matrix.
#pragma once

#include <string>

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
        attention_biases attention_bias = {};
        bool             mlp_bias       = false;
    };
    static config read(config_reader const& r) {
        note_unread(r, window_key, "Llama");
        return read_biased(r, {.context = 2048, .sizes = {4096, 11008, 32, 32, 32000}});
    }
    static config read(config_reader const& r, class_defaults otherwise) {
        config c{read_decoder(r, rope_order::adjacent_pairs, "silu", otherwise)};
        c.norm = read_rms_norm(r);
        c.tied = r.tied(false);
        return c;
    }
    static config read_biased(config_reader const& r, class_defaults otherwise) {
        config c         = read(r, otherwise);
        c.attention_bias = read_attention_biases(r);
        c.mlp_bias       = r.flag("mlp_bias", "model.layers.0.mlp.up_proj.bias");
        return c;
    }

    // All of them or none; a GGUF may have some, as models whose class became Llama in the conversion.
    static attention_biases read_attention_biases(config_reader const& r) {
        if (!r.is_gguf()) return attention_biases::all(r.truth({"attention_bias"}));
        auto const has = [&](char const* of) {
            return r.has_tensor("model.layers.0.self_attn." + (of + std::string("_proj.bias")));
        };
        return {has("q"), has("k"), has("v"), has("o")};
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.attention, c.rope, {.bias = c.attention_bias}};
    }
    template <backend B>
    static gated_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.sizes.inner, gate_fn::silu, c.mlp_bias};
    }
    template <backend B>
    using model = decoder_model<B, llama>;
};

} // namespace qeval
