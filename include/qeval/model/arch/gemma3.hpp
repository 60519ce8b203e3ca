// Gemma 3, its text part: Gemma 2 with a norm of each head instead of caps, and five layers with a window to one
// without; those with a window rotate by a base of their own, without scaling. Origin: transformers, models/gemma3.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/gemma.hpp>
#include <qeval/model/arch/gemma2.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/layer_windows.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/part/rotary.hpp>
#include <qeval/model/shape.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct gemma3 : gemma {
    static constexpr architecture_name names{"Gemma3ForCausalLM", "gemma3_text", "gemma3"};

    static constexpr auto gguf_names =
        with_names(gemma2::gguf_names, {{"blk.*.attn_q_norm", "model.layers.*.self_attn.q_norm"},
                                        {"blk.*.attn_k_norm", "model.layers.*.self_attn.k_norm"}});

    struct config : gemma::config {
        rotary local_rope; // of layers with a window
    };
    static config read(config_reader const& r) {
        rotary_rule const    all{.theta = 1e6, .layer_type = "full_attention"};
        class_defaults const otherwise{
            .context = 131072, .kv_heads = 4, .head_size = 256, .sizes = {2304, 9216, 26, 8, 262208}};
        config            c{gemma::read(r, all, otherwise), {}};
        rotary_rule const near{.head_size  = c.attention.head_size,
                               .theta_key  = {"rope_local_base_freq", "rope.freq_base_swa"},
                               .layer_type = "sliding_attention",
                               .scaled     = false};
        c.names           = gemma2::layer_names;
        c.local_rope      = read_rotary(r, near, c.sizes.positions);
        c.attention.scale = gemma2::query_scale(r, c, 62);
        c.times.logit_cap = gemma2::cap(r, {"final_logit_softcapping", "final_logit_softcapping"}, 0);
        // A GGUF without a window means that there is none.
        index const window =
            r.is_gguf() && !r.find(window_key) ? 0 : r.size(window_key, config_limits::positions, 4096);
        index const every = read_window_step(r, 6);
        c.windows = read_layer_windows(r, c.sizes.layers, window, [&](index i) { return (i + 1) % every != 0; });
        if (auto const both = r.find({"use_bidirectional_attention"}); both && both->boolean())
            both->fail("false: a model that reads no text behind a position", "CF06");
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        auto const shape = c.attention_at(at.layer);
        return {w,
                at,
                c.sizes.width,
                shape,
                shape.window > 0 ? c.local_rope : c.rope,
                {.bias = attention_biases::all(c.attention_bias), .norms = head_norm::head, .norm = c.norm}};
    }
    template <backend B>
    using model = decoder_model<B, gemma3>;
};

} // namespace qeval
