// Phi-3, 3.5 and 4: Llama with q, k and v in one matrix, gate and up in another. Origin: transformers, models/phi3.
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
#include <qeval/model/shape.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct phi3 {
    static constexpr architecture_name names{"Phi3ForCausalLM", "phi3", "phi3"};

    static constexpr auto gguf_names =
        with_names(decoder_names, {{"blk.*.attn_qkv", "model.layers.*.self_attn.qkv_proj"},
                                   {"blk.*.ffn_up", "model.layers.*.mlp.gate_up_proj"},
                                   {"blk.*.ffn_down", "model.layers.*.mlp.down_proj"}});

    using config = decoder_config;
    static config read(config_reader const& r) {
        config c =
            read_decoder(r, rope_order::half_split, "silu", {.context = 4096, .sizes = {3072, 8192, 32, 32, 32064}});
        c.norm = read_rms_norm(r, 1e-5);
        c.tied = r.tied(false);
        if (r.is_gguf())
            note_unread(r, window_key, "Phi-3 in llama.cpp");
        else
            c.attention.window = read_window(r, "Phi-3");
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.attention, c.rope, {.fused = fused_order::blocks}};
    }
    template <backend B>
    static gated_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w, at, c.sizes.width, c.sizes.inner, gate_fn::silu, false, {.both = "mlp.gate_up_proj"}};
    }
    template <backend B>
    using model = decoder_model<B, phi3>;
};

} // namespace qeval
