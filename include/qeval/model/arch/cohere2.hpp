// Command-R 7B: Command-R with a window in three of four layers; only those are rotated. Origin: transformers,
// models/cohere2.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/cohere.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/gated_decoder.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/layer_windows.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/shape.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct cohere2 : gated_decoder {
    static constexpr architecture_name names{"Cohere2ForCausalLM", "cohere2", "cohere2"};
    static constexpr auto const&       gguf_names = llama::gguf_names;

    using config = cohere::config;
    static config read(config_reader const& r) {
        config      c      = cohere::read_plain(r);
        index const window = r.size(window_key, config_limits::positions, 4096);
        index const every  = read_window_step(r, 4);
        c.windows = read_layer_windows(r, c.sizes.layers, window, [&](index i) { return (i + 1) % every != 0; });
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        auto const   shape = c.attention_at(at.layer);
        rotary const none{c.rope.order};
        return {w,
                at,
                c.sizes.width,
                shape,
                shape.window > 0 ? c.rope : none,
                {.bias = attention_biases::all(c.attention_bias)}};
    }
    template <backend B>
    using model = decoder_model<B, cohere2>;
};

} // namespace qeval
