// Falcon: LayerNorm, q, k and v in one matrix, by key heads in safetensors and one behind the other in a GGUF, and a
// feed-forward block without a gate beside attention. 7B has one key head and one norm, 40B groups and two norms, 11B
// groups and one. Origin: transformers, models/falcon.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
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

struct falcon {
    static constexpr architecture_name names{"FalconForCausalLM", "falcon", "falcon"};

    static constexpr tensor_name_pair gguf_names[] = {
        {"token_embd", "transformer.word_embeddings"},
        {"output_norm", "transformer.ln_f"},
        {"output", "lm_head"},
        {"blk.*.attn_norm", "transformer.h.*.input_layernorm"}, // of the feed-forward block, where there are two
        {"blk.*.attn_norm", "transformer.h.*.ln_mlp"},
        {"blk.*.attn_norm_2", "transformer.h.*.ln_attn"},
        {"blk.*.attn_qkv", "transformer.h.*.self_attention.query_key_value"},
        {"blk.*.attn_output", "transformer.h.*.self_attention.dense"},
        {"blk.*.ffn_up", "transformer.h.*.mlp.dense_h_to_4h"},
        {"blk.*.ffn_down", "transformer.h.*.mlp.dense_4h_to_h"},
    };

    struct config : decoder_config {
        bool        bias  = false; // on all linear layers
        fused_order fused = fused_order::groups;
    };
    static config read(config_reader const& r) {
        class_defaults const otherwise{.context = 2048,
                                       .widths  = 4,
                                       .names   = {.inner = "ffn_hidden_size", .kv_heads = "num_kv_heads"},
                                       .sizes   = {4544, 0, 32, 71, 65024}};
        bool const           grouped = r.truth({"new_decoder_architecture"});
        if (auto const alibi = r.find({"alibi"}); alibi && alibi->boolean())
            alibi->fail("false: attention with rotated positions", "CF06");
        expect_activation(r, "gelu", "activation");
        config c{read_decoder(r, {}, otherwise), false, fused_order::groups};
        c.norm     = read_layer_norm(r, "layer_norm_epsilon", true);
        c.tied     = r.tied(true);
        c.bias     = r.flag("bias", "transformer.h.0.self_attention.dense.bias");
        c.parallel = r.truth({"parallel_attn"}, true);
        c.names = {.layers = "transformer.h.", .embedding = "transformer.word_embeddings", .norm = "transformer.ln_f"};
        if (c.parallel) c.names.mlp_norm = "";
        if (r.is_gguf()) {
            c.fused = fused_order::blocks;
            if (r.has_tensor("transformer.h.0.ln_attn.weight"))
                c.names.attention_norm = "ln_attn", c.names.mlp_norm = "input_layernorm";
            return c;
        }
        if (grouped && !c.parallel) r.at({"parallel_attn"}).fail("true, as in every model with groups", "CF06");
        if (!grouped) c.attention.kv_heads = r.truth({"multi_query"}, true) ? 1 : c.attention.heads;
        if (grouped && r.size({"num_ln_in_parallel_attn"}, 2, 2) == 2)
            c.names.attention_norm = "ln_attn", c.names.mlp_norm = "ln_mlp";
        return c;
    }

    template <backend B>
    static grouped_query_attention<B> attention_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {w,
                at,
                c.sizes.width,
                c.attention,
                c.rope,
                {.bias  = attention_biases::all(c.bias),
                 .fused = c.fused,
                 .o     = "self_attention.dense",
                 .qkv   = "self_attention.query_key_value"}};
    }
    template <backend B>
    static plain_mlp<B> mlp_of(config const& c, weights<B> const& w, layer_place const& at) {
        return {
            w, at, "mlp.dense_h_to_4h", "mlp.dense_4h_to_h", c.sizes.width, c.sizes.inner, c.bias, activation_fn::gelu};
    }
    template <backend B>
    using model = decoder_model<B, falcon>;
};

} // namespace qeval
