// Qwen3: Qwen2 without biases, or with them on all four, and with a norm of each head of queries and keys. Origin:
// transformers, models/qwen3.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/arch/qwen2.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/gated_decoder.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct qwen3 : gated_decoder {
    static constexpr architecture_name names{"Qwen3ForCausalLM", "qwen3", "qwen3"};

    static constexpr auto gguf_names =
        with_names(llama::gguf_names, {{"blk.*.attn_q_norm", "model.layers.*.self_attn.q_norm"},
                                       {"blk.*.attn_k_norm", "model.layers.*.self_attn.k_norm"}});

    struct config : decoder_config {
        bool attention_bias = false; // on q, k, v and o
    };
    static config read(config_reader const& r) {
        config c{
            read_decoder(r, rope_order::half_split, "silu",
                         {.context = 32768, .kv_heads = 32, .head_size = 128, .sizes = {4096, 22016, 32, 32, 151936}})};
        qwen2::read_windows(r, c);
        c.norm           = read_rms_norm(r);
        c.tied           = r.tied(false);
        c.attention_bias = r.flag("attention_bias", "model.layers.0.self_attn.q_proj.bias");
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w,
                at,
                c.sizes.width,
                c.attention_at(at.layer),
                c.rope,
                {.bias = attention_biases::all(c.attention_bias), .norms = head_norm::head, .norm = c.norm}};
    }
    template <backend B>
    using model = decoder_model<B, qwen3>;
};

} // namespace qeval
