// An architecture of one's own: attention and feed-forward block read the same normed input, side by side.
#pragma once

#include <qeval/model/architecture.hpp>
#include <qeval/model/part/attention.hpp>
#include <qeval/model/part/config.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/mlp.hpp>
#include <qeval/model/part/norm.hpp>
#include <qeval/model/part/vocabulary_ends.hpp>

// [names]
namespace q = qeval;

struct twin {
    static constexpr q::architecture_name names{"TwinForCausalLM", "twin", "twin"};

    static constexpr q::tensor_name_pair gguf_names[] = {
        {"token_embd", "model.embed_tokens"},
        {"output_norm", "model.norm"},
        {"blk.*.attn_norm", "model.layers.*.norm"},
        {"blk.*.attn_q", "model.layers.*.self_attn.q_proj"},
        {"blk.*.attn_k", "model.layers.*.self_attn.k_proj"},
        {"blk.*.attn_v", "model.layers.*.self_attn.v_proj"},
        {"blk.*.attn_output", "model.layers.*.self_attn.o_proj"},
        {"blk.*.ffn_gate", "model.layers.*.mlp.gate_proj"},
        {"blk.*.ffn_up", "model.layers.*.mlp.up_proj"},
        {"blk.*.ffn_down", "model.layers.*.mlp.down_proj"},
    };
    // [/names]

    // [config]
    struct config {
        q::decoder_sizes   sizes;
        q::attention_shape attention;
        q::rotary          rope;
        q::norm_rule       norm;
    };
    static config read(q::config_reader const& r) {
        config c;
        c.sizes     = q::read_sizes(r);
        c.attention = q::read_heads(r, c.sizes.width);
        c.rope      = q::read_rotary(r, {.head_size = c.attention.head_size}, c.sizes.positions);
        c.norm      = {q::norm_kind::rms, r.number({"norm_eps", "attention.layer_norm_rms_epsilon"}, 1e-20, 1, 1e-6)};
        q::expect_activation(r, "silu");
        return c;
    }
    // [/config]

    // [model]
    template <q::backend B>
    class model {
    public:
        using tensor = typename B::tensor;

        model(config const& c, q::weights<B> const& w)
            : config_(c),
              ends_(w, c.sizes.vocab, c.sizes.width, c.sizes.layers, true), // the embedding is the head, too
              norm_(w, "model.norm", c.sizes.width, c.norm) {}

        struct block { // the weights of one layer
            q::norm<B>                    norm;
            q::grouped_query_attention<B> attention;
            q::gated_mlp<B>               mlp;
        };
        [[nodiscard]] block load_layer(q::weights<B> const& w, q::index i) const {
            auto const& c  = config_;
            auto const  at = q::hf_layer(i, c.sizes.layers); // "model.layers.<i>."
            return {{w, at.base + "norm", c.sizes.width, c.norm},
                    {w, at, c.sizes.width, c.attention, c.rope, {}}, // no biases
                    {w, at, c.sizes.width, c.sizes.inner}};
        }

        [[nodiscard]] tensor embed(q::pass<B>& p) const { return ends_.embed(p); } // [n, width]

        void layer(block const& l, q::pass<B>& p, tensor& x) const { // x: [n, width]
            auto const attended = l.attention(p, l.norm(p, x));
            auto const thought  = l.mlp(p, l.norm(p, x));
            p.device.add(x, attended);
            p.device.add(x, thought);
        }
        [[nodiscard]] tensor head(q::pass<B>& p, tensor const& x) const { // [m, width] -> [m, vocab]
            return ends_.logits(p, norm_(p, x));
        }

        [[nodiscard]] q::index       vocab_size() const { return ends_.vocab_size(); }
        [[nodiscard]] q::cache_shape cache() const {
            auto const& c = config_;
            return {c.sizes.layers, c.attention.kv_heads, c.attention.head_size, c.sizes.positions};
        }

    private:
        config                config_;
        q::vocabulary_ends<B> ends_;
        q::norm<B>            norm_;
    };
    // [/model]
};
