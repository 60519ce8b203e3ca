// Qwen2: Llama with biases on q, k and v, and with a window in the upper layers where the configuration asks for one.
// Origin: transformers, models/qwen2.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/gated_decoder.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/layer_windows.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct qwen2 : gated_decoder {
    static constexpr architecture_name names{"Qwen2ForCausalLM", "qwen2", "qwen2"};
    static constexpr auto const&       gguf_names = llama::gguf_names;

    using config = decoder_config;
    static config read(config_reader const& r) {
        config c{read_decoder(r, rope_order::half_split, "silu",
                              {.context = 32768, .kv_heads = 32, .sizes = {4096, 22016, 32, 32, 151936}})};
        read_windows(r, c);
        c.norm = read_rms_norm(r);
        c.tied = r.tied(false);
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at,
                                                   bool bias = true) {
        return {w, at, c.sizes.width, c.attention_at(at.layer), c.rope, {.bias = {.q = bias, .k = bias, .v = bias}}};
    }
    template <backend B>
    using model = decoder_model<B, qwen2>;

    // Layers from max_window_layers on have a window, where it is used. A GGUF has none, and llama.cpp computes none.
    static void read_windows(config_reader const& r, decoder_config& c, index otherwise = 28) {
        if (r.is_gguf()) return;
        if (!r.flag("use_sliding_window", "")) return refuse_windows(r);
        index const window = r.size({"sliding_window"}, config_limits::positions, 4096);
        index const first  = r.count({"max_window_layers"}, config_limits::layers, otherwise);
        c.windows          = read_layer_windows(r, c.sizes.layers, window, [&](index i) { return i >= first; });
    }
};

} // namespace qeval
