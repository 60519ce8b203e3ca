// StableLM 2: Llama with LayerNorm and partial rotation; the 12B has a norm of each head, each by a weight of its own,
// and attention beside the feed-forward block. Origin: transformers, models/stablelm.
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
#include <qeval/model/weights.hpp>

namespace qeval {

struct stablelm : gated_decoder {
    static constexpr architecture_name names{"StableLmForCausalLM", "stablelm", "stablelm"};

    static constexpr auto gguf_names =
        with_names(llama::gguf_names, {{"blk.*.attn_q_norm", "model.layers.*.self_attn.q_layernorm"},
                                       {"blk.*.attn_k_norm", "model.layers.*.self_attn.k_layernorm"}});

    struct config : decoder_config {
        bool bias       = false; // on q, k and v
        bool norms      = false; // of heads
        bool one_by_one = true;  // which are tensors of their own; a GGUF has them in one
    };
    static config read(config_reader const& r) {
        expect_activation(r, "silu");
        config c{read_decoder(r, rotary_rule{.part = 0.25},
                              {.context = 4096, .kv_heads = 32, .sizes = {2560, 6912, 32, 32, 50304}})};
        c.norm       = read_layer_norm(r, "layer_norm_eps", true);
        c.tied       = r.tied(false);
        c.bias       = r.flag("use_qkv_bias", "model.layers.0.self_attn.q_proj.bias");
        c.norms      = r.flag("qk_layernorm", "model.layers.0.self_attn.q_layernorm.weight");
        c.one_by_one = !r.is_gguf();
        // What a GGUF says of it, llama.cpp does not read: it looks for the second norm.
        c.parallel = r.is_gguf() ? !r.has_tensor("model.layers.0.post_attention_layernorm.weight")
                                 : r.truth({"use_parallel_residual"});
        if (c.parallel) c.names.mlp_norm = "";
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w,
                at,
                c.sizes.width,
                c.attention,
                c.rope,
                {.bias   = {.q = c.bias, .k = c.bias, .v = c.bias},
                 .norms  = !c.norms       ? head_norm::none
                           : c.one_by_one ? head_norm::apart
                                          : head_norm::each_head,
                 .norm   = c.norm,
                 .q_norm = c.one_by_one ? "self_attn.q_layernorm.norms.*" : "self_attn.q_layernorm",
                 .k_norm = c.one_by_one ? "self_attn.k_layernorm.norms.*" : "self_attn.k_layernorm"}};
    }
    template <backend B>
    using model = decoder_model<B, stablelm>;
};

} // namespace qeval
