// StarCoder2: LayerNorm, rotary grouped-query attention with a window, a feed-forward block without a gate, and biases
// on every linear layer but the head. Origin: transformers, models/starcoder2.
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

struct starcoder2 {
    static constexpr architecture_name names{"Starcoder2ForCausalLM", "starcoder2", "starcoder2"};

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
        {"blk.*.ffn_up", "model.layers.*.mlp.c_fc"},
        {"blk.*.ffn_down", "model.layers.*.mlp.c_proj"},
    };

    struct config {
        decoder_sizes   sizes;
        attention_shape attention;
        rotary          rope;
        double          epsilon = 1e-5;
        bool            tied    = true;
        bool            bias    = true; // on q, k, v, o and both matrices of the feed-forward block
    };
    static config read(config_reader const& r) {
        config c;
        c.sizes            = read_sizes(r);
        c.attention        = read_heads(r, c.sizes.width);
        c.attention.window = read_window(r);
        c.rope             = read_rotary(r, c.attention.head_size, rope_order::half_split);
        c.epsilon          = r.number({"norm_epsilon", "attention.layer_norm_epsilon"}, 1e-20, 1, 1e-5);
        c.tied             = r.tied(true);
        c.bias             = r.flag("use_bias", "model.layers.0.self_attn.q_proj.bias", true);
        expect_activation(r, "gelu_pytorch_tanh");
        refuse_experts(r);
        return c;
    }

    template <backend B>
    using base = pre_norm_model<B, config, layer_norm<B>, grouped_query_attention<B>, plain_mlp<B>>;

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
                    {w, at, width, c.attention, c.rope, attention_biases::all(c.bias)},
                    {w, at.base + "post_attention_layernorm", width, c.epsilon},
                    {w, at, "mlp.c_fc", "mlp.c_proj", width, c.sizes.inner, c.bias, activation_fn::gelu_tanh}};
        }
    };
};

} // namespace qeval
