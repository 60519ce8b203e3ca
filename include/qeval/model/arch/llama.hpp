// Llama: RMSNorm, rotary grouped-query attention, SwiGLU, a head that may share the embedding's matrix.
#pragma once

#include <qeval/io/checkpoint/config_reader.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/mlp.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/part/pre_norm.hpp>

namespace qeval {

struct llama {
    static constexpr architecture_name names{"LlamaForCausalLM", "llama", "llama"};

    static constexpr tensor_name_pair gguf_names[] = {
        {"token_embd", "model.embed_tokens"},
        {"output_norm", "model.norm"},
        {"output", "lm_head"},
        {"blk.*.attn_norm", "model.layers.*.input_layernorm"},
        {"blk.*.attn_q", "model.layers.*.self_attn.q_proj"},
        {"blk.*.attn_k", "model.layers.*.self_attn.k_proj"},
        {"blk.*.attn_v", "model.layers.*.self_attn.v_proj"},
        {"blk.*.attn_output", "model.layers.*.self_attn.o_proj"},
        {"blk.*.ffn_norm", "model.layers.*.post_attention_layernorm"},
        {"blk.*.ffn_gate", "model.layers.*.mlp.gate_proj"},
        {"blk.*.ffn_up", "model.layers.*.mlp.up_proj"},
        {"blk.*.ffn_down", "model.layers.*.mlp.down_proj"},
    };

    struct config {
        decoder_sizes   sizes;
        attention_shape attention;
        rotary          rope;
        double          epsilon        = 1e-6;
        bool            tied           = false;
        bool            attention_bias = false; // on q, k, v and o
        bool            mlp_bias       = false;
    };
    static config read(config_reader const& r) {
        config c;
        c.sizes            = read_sizes(r);
        c.attention        = read_heads(r, c.sizes.width);
        c.attention.window = read_window(r);
        c.rope             = read_rotary(r, c.attention.head_size, rope_order::adjacent_pairs);
        c.epsilon          = read_rms_epsilon(r);
        c.tied             = r.tied(false);
        c.attention_bias   = r.flag("attention_bias", "model.layers.0.self_attn.q_proj.bias");
        c.mlp_bias         = r.flag("mlp_bias", "model.layers.0.mlp.up_proj.bias");
        expect_activation(r, "silu");
        refuse_experts(r);
        return c;
    }

    template <backend B>
    using base = pre_norm_model<B, config, rms_norm<B>, grouped_query_attention<B>, swiglu<B>>;

    template <backend B>
    class model : public base<B> {
    public:
        using block = typename base<B>::block;
        using base<B>::base;

        [[nodiscard]] block load_layer(weights<B> const& w, index i) const {
            auto const& c     = this->config();
            index const width = c.sizes.width;
            auto const  at    = hf_layer(i, c.sizes.layers);
            return {{w, at.base + "input_layernorm", width, c.epsilon},
                    {w, at, width, c.attention, c.rope, attention_biases::all(c.attention_bias)},
                    {w, at.base + "post_attention_layernorm", width, c.epsilon},
                    {w, at, width, c.sizes.inner, c.mlp_bias}};
        }
    };
};

} // namespace qeval
