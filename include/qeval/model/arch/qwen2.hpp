// Qwen2: Llama with biases on q, k and v, and with a window in the upper layers where the configuration asks for one.
// Origin: transformers, models/qwen2.
#pragma once

#include <string_view>
#include <vector>

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/mlp.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct qwen2 {
    static constexpr architecture_name names{"Qwen2ForCausalLM", "qwen2", "qwen2"};
    static constexpr auto const&       gguf_names = llama::gguf_names;

    struct config : decoder_config {
        std::vector<index> windows = {}; // of each layer; 0: it sees everything before
    };
    static config read(config_reader const& r) {
        config c{read_decoder(r, rope_order::half_split, "silu", {.context = 32768, .kv_heads = 32})};
        c.windows = read_windows(r, c.sizes.layers);
        c.norm    = read_rms_norm(r);
        c.tied    = r.tied(false);
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        auto shape   = c.attention;
        shape.window = c.windows[std::size_t(at.layer)];
        return {w, at, c.sizes.width, shape, c.rope, {.bias = {.q = true, .k = true, .v = true}}};
    }
    template <backend B>
    static gated_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.sizes.inner};
    }
    template <backend B>
    using model = decoder_model<B, qwen2>;

private:
    // A GGUF has no windows, and llama.cpp computes none.
    static std::vector<index> read_windows(config_reader const& r, index layers) {
        std::vector<index> windows(std::size_t(layers), 0);
        if (r.is_gguf() || !r.flag("use_sliding_window", "")) return windows;
        index const window = r.size({"sliding_window"}, config_limits::positions, 4096);
        index const first =
            r.find({"max_window_layers"}) ? r.at({"max_window_layers"}).integer(0, config_limits::layers) : 28;
        for (index i = first; i < layers; ++i) windows[std::size_t(i)] = window;
        auto const types = r.find({"layer_types"});
        if (!types) return windows;
        json_value const list = types->json();
        for (std::size_t i = 0; i < windows.size(); ++i) {
            std::string_view const type = list[i].string();
            if (type != "full_attention" && type != "sliding_attention")
                list[i].fail("full_attention or sliding_attention", "", "CF06");
            windows[i] = type == "sliding_attention" ? window : 0;
        }
        return windows;
    }
};

} // namespace qeval
