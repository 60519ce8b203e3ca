// Command-R: LayerNorm without a bias, attention beside the feed-forward block, rotation of neighbours in both kinds of
// file, scaled logits, and in Command-R+ a norm of each head by a weight of its own. Origin: transformers,
// models/cohere.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/model/arch/llama.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/decoder_layer.hpp>
#include <qeval/model/part/decoder_names.hpp>
#include <qeval/model/part/gated_decoder.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/part/rotary.hpp>
#include <qeval/model/shape.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

struct cohere : gated_decoder {
    static constexpr architecture_name names{"CohereForCausalLM", "cohere", "command-r"};

    static constexpr auto gguf_names =
        with_names(llama::gguf_names, {{"blk.*.attn_q_norm", "model.layers.*.self_attn.q_norm"},
                                       {"blk.*.attn_k_norm", "model.layers.*.self_attn.k_norm"}});

    struct config : decoder_config {
        bool attention_bias = false; // on q, k, v and o
        bool norms          = false; // of heads
    };
    static config read(config_reader const& r) {
        config c = read_plain(r);
        c.norms  = r.flag("use_qk_norm", "model.layers.0.self_attn.q_norm.weight");
        return c;
    }
    static config read_plain(config_reader const& r) { // without norms of heads
        rotary_rule const rule{.in_gguf = rope_order::adjacent_pairs, .in_hf = rope_order::adjacent_pairs};
        expect_activation(r, "silu");
        config c{read_decoder(r, rule, {.context = 8192, .sizes = {8192, 22528, 40, 64, 256000}})};
        c.norm           = read_layer_norm(r, "layer_norm_eps", false);
        c.tied           = r.tied(true);
        c.parallel       = true;
        c.names.mlp_norm = "";
        c.times.logits   = float(r.number({"logit_scale", "logit_scale"}, 1e-9, 1e9, r.is_gguf() ? 1 : 0.0625));
        c.attention_bias = r.flag("attention_bias", "model.layers.0.self_attn.q_proj.bias");
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w,
                at,
                c.sizes.width,
                c.attention,
                c.rope,
                {.bias  = attention_biases::all(c.attention_bias),
                 .norms = c.norms ? head_norm::each_head : head_norm::none,
                 .norm  = c.norm}};
    }
    template <backend B>
    using model = decoder_model<B, cohere>;
};

} // namespace qeval
