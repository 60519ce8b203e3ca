// SmolLM3: Llama in which some layers, by default every fourth, do not rotate. Origin: transformers, models/smollm3.
#pragma once

#include <cstddef>
#include <vector>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/layer_windows.hpp>
#include <qeval/model/part/mlp.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/part/rotary.hpp>
#include <qeval/model/shape.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct smollm3 {
    static constexpr architecture_name names{"SmolLM3ForCausalLM", "smollm3", "smollm3"};
    static constexpr auto const&       gguf_names = llama::gguf_names;

    struct config : llama::config {
        std::vector<bool> rotated; // which layers
    };
    static config read(config_reader const& r) {
        rotary_rule const    rule{.in_gguf = rope_order::adjacent_pairs, .theta = 2e6};
        class_defaults const otherwise{.context = 32768, .kv_heads = 4, .sizes = {2048, 11008, 36, 16, 128256}};
        expect_activation(r, "silu");
        config c{{read_decoder(r, rule, otherwise)}, {}};
        c.norm           = read_rms_norm(r);
        c.tied           = r.tied(true);
        c.attention_bias = llama::read_attention_biases(r);
        c.mlp_bias       = r.flag("mlp_bias", "model.layers.0.mlp.up_proj.bias");
        c.rotated        = read_rotated(r, c.sizes.layers);
        if (!r.is_gguf()) read_windows(r, c);
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        rotary const none{c.rope.order};
        return {w,
                at,
                c.sizes.width,
                c.attention_at(at.layer),
                c.rotated[std::size_t(at.layer)] ? c.rope : none,
                {.bias = c.attention_bias}};
    }
    template <backend B>
    static gated_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return llama::mlp_of(c, w, at);
    }
    template <backend B>
    using model = decoder_model<B, smollm3>;

private:
    // Layers that layer_types lists; without it those that do not rotate, where use_sliding_window asks for it.
    static void read_windows(config_reader const& r, config& c) {
        bool const asked = r.flag("use_sliding_window", ""), listed = r.find({"layer_types"}).has_value();
        if (!r.find(window_key)) return refuse_windows(r);
        if (asked || listed)
            c.windows = read_layer_windows(r, c.sizes.layers, r.size(window_key, config_limits::positions),
                                           [&](index i) { return !c.rotated[std::size_t(i)]; });
    }
    // no_rope_layers has 1 where a layer rotates. A GGUF does not say it: every fourth does not.
    static std::vector<bool> read_rotated(config_reader const& r, index layers) {
        std::vector<bool> rotated;
        if (auto const given = r.find({"no_rope_layers"})) {
            for (index i = 0; i < layers; ++i) rotated.push_back(given->json()[std::size_t(i)].integer(0, 1) == 1);
            return rotated;
        }
        index const every = r.size({"no_rope_layer_interval"}, config_limits::layers, 4);
        for (index i = 0; i < layers; ++i) rotated.push_back((i + 1) % every != 0);
        return rotated;
    }
};

} // namespace qeval
