// Gemma 2: Gemma with a norm before and behind each part of a layer, a window in every other layer, capped scores and
// logits, and a scale of queries of its own. Origin: transformers, models/gemma2.
#pragma once

#include <cmath>
#include <variant>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/gemma.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/layer_windows.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct gemma2 : gemma {
    static constexpr architecture_name names{"Gemma2ForCausalLM", "gemma2", "gemma2"};

    static constexpr auto gguf_names =
        with_names(llama::gguf_names, {{"blk.*.post_attention_norm", "model.layers.*.post_attention_layernorm"},
                                       {"blk.*.ffn_norm", "model.layers.*.pre_feedforward_layernorm"},
                                       {"blk.*.post_ffw_norm", "model.layers.*.post_feedforward_layernorm"}});
    static constexpr decoder_naming layer_names{.mlp_norm       = "pre_feedforward_layernorm",
                                                .attention_post = "post_attention_layernorm",
                                                .mlp_post       = "post_feedforward_layernorm"};

    static config read(config_reader const& r) {
        config c = gemma::read(
            r, {}, {.context = 8192, .kv_heads = 4, .head_size = 256, .sizes = {2304, 9216, 26, 8, 256000}});
        c.names              = layer_names;
        c.attention.scale    = query_scale(r, c, 46);
        c.attention.soft_cap = cap(r, {"attn_logit_softcapping", "attn_logit_softcapping"}, 50);
        c.times.logit_cap    = cap(r, {"final_logit_softcapping", "final_logit_softcapping"}, 30);
        c.windows            = read_layer_windows(r, c.sizes.layers, r.size(window_key, config_limits::positions, 4096),
                                                  [](index i) { return i % 2 == 0; });
        return c;
    }
    // Of scores. A GGUF does not have it: llama.cpp knows the largest model by its number of layers.
    static float query_scale(config_reader const& r, config const& c, index layers_of_largest) {
        index const of_largest = c.sizes.width / c.attention.heads;
        double      by         = double(c.sizes.layers == layers_of_largest ? of_largest : c.attention.head_size);
        if (!r.is_gguf()) by = r.number({"query_pre_attn_scalar"}, 1e-6, 1e6, 256);
        return float(1 / std::sqrt(by));
    }
    static float cap(config_reader const& r, config_key key, double otherwise) { // null: none
        if (otherwise == 0 && !r.find(key)) r.took(key, std::monostate());
        return r.is_null(key.hf) ? 0.0f : float(r.number(key, 0, 1e6, otherwise));
    }

    template <backend B>
    using model = decoder_model<B, gemma2>;
};

} // namespace qeval
