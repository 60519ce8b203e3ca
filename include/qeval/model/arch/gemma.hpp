// Gemma: Llama with a gate by GELU, embeddings times the root of the width, and norm weights that are stored minus one
// (a GGUF has them as they are). Origin: transformers, models/gemma.
#pragma once

#include <cmath>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/llama.hpp>
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

struct gemma {
    static constexpr architecture_name names{"GemmaForCausalLM", "gemma", "gemma"};
    static constexpr auto const&       gguf_names = llama::gguf_names;

    struct config : decoder_config {
        bool attention_bias = false; // on q, k, v and o
    };
    static config read(config_reader const& r) {
        // Published files say "gelu" in hidden_act and mean its approximation, which hidden_activation then names.
        auto const given = r.find({"hidden_act"});
        if (!r.is_gguf() && given && given->text() != "gelu") expect_activation(r, "gelu_pytorch_tanh");
        return read(r, {}, {.context = 8192, .kv_heads = 16, .head_size = 256, .sizes = {3072, 24576, 28, 16, 256000}});
    }
    // What all of this family have.
    static config read(config_reader const& r, rotary_rule const& rule, class_defaults otherwise) {
        expect_activation(r, "gelu_pytorch_tanh", "hidden_activation");
        config c{read_decoder(r, rule, otherwise)};
        c.norm            = read_rms_norm(r);
        c.norm.plus       = r.is_gguf() ? 0.0f : 1.0f;
        c.tied            = r.tied(true);
        c.times.embedding = float(std::sqrt(double(c.sizes.width)));
        c.attention_bias  = r.flag("attention_bias", "model.layers.0.self_attn.q_proj.bias");
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {
            w, at, c.sizes.width, c.attention_at(at.layer), c.rope, {.bias = attention_biases::all(c.attention_bias)}};
    }
    template <backend B>
    static gated_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.sizes.inner, gate_fn::gelu_tanh};
    }
    template <backend B>
    using model = decoder_model<B, gemma>;
};

} // namespace qeval
