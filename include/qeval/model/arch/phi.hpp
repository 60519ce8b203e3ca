// Phi-1 and 2: LayerNorm, partial rotation, attention beside a feed-forward block without a gate, and biases on every
// linear layer, the head included. Origin: transformers, models/phi.
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
#include <qeval/model/part/rotary.hpp>
#include <qeval/model/shape.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct phi {
    static constexpr architecture_name names{"PhiForCausalLM", "phi", "phi2"};

    static constexpr auto gguf_names =
        with_names(decoder_names, {{"output_norm", "model.final_layernorm"},
                                   {"blk.*.attn_output", "model.layers.*.self_attn.dense"},
                                   {"blk.*.ffn_up", "model.layers.*.mlp.fc1"},
                                   {"blk.*.ffn_down", "model.layers.*.mlp.fc2"}});

    struct config : decoder_config {
        bool norms = false; // of heads
    };
    static config read(config_reader const& r) {
        expect_activation(r, "gelu_new");
        config c{read_decoder(r, rotary_rule{.part = 0.5}, {.context = 2048, .sizes = {2048, 8192, 24, 32, 51200}})};
        c.norm      = read_layer_norm(r, "layer_norm_eps", true);
        c.tied      = r.tied(false);
        c.head_bias = true;
        c.parallel  = true;
        c.names     = {.norm = "model.final_layernorm", .mlp_norm = ""};
        c.norms     = r.truth({"qk_layernorm"});
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w,
                at,
                c.sizes.width,
                c.attention,
                c.rope,
                {.bias   = attention_biases::all(true),
                 .norms  = c.norms ? head_norm::head : head_norm::none,
                 .norm   = c.norm,
                 .o      = "self_attn.dense",
                 .q_norm = "self_attn.q_layernorm",
                 .k_norm = "self_attn.k_layernorm"}};
    }
    template <backend B>
    static plain_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, "mlp.fc1", "mlp.fc2", c.sizes.width, c.sizes.inner, true, activation_fn::gelu_tanh};
    }
    template <backend B>
    using model = decoder_model<B, phi>;
};

} // namespace qeval
