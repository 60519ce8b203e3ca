// The decoder that most architectures are, but for the parts of a layer:
//   x <- x + attention(norm(x));  x <- x + mlp(norm(x));  logits = head(norm(x))
#pragma once

#include <utility>

#include <qeval/model/part/config.hpp>
#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/vocabulary_ends.hpp>
#include <qeval/model/pass.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

// The model of an architecture A whose config is a decoder_config or derived from one. A says what a layer adds:
//   template <backend B> static <attention> attention_of(config const&, weights<B> const&, layer_place const&)
//   template <backend B> static <mlp>       mlp_of(config const&, weights<B> const&, layer_place const&)
template <backend B, class A, class Norm>
class pre_norm_model {
    using config_type = typename A::config;
    using attention_type =
        decltype(A::attention_of(std::declval<config_type const&>(), std::declval<weights<B> const&>(), layer_place()));
    using mlp_type =
        decltype(A::mlp_of(std::declval<config_type const&>(), std::declval<weights<B> const&>(), layer_place()));

public:
    struct block {
        Norm           attention_norm;
        attention_type attention;
        Norm           mlp_norm;
        mlp_type       mlp;
    };

    pre_norm_model(config_type const& c, weights<B> const& w)
        : config_(c),
          ends_(w, c.sizes.vocab, c.sizes.width, c.sizes.layers, c.tied),
          norm_(w, "model.norm", c.sizes.width, c.epsilon) {}

    [[nodiscard]] block load_layer(weights<B> const& w, index i) const {
        auto const& c  = config_;
        auto const  at = hf_layer(i, c.sizes.layers);
        return {{w, at.base + "input_layernorm", c.sizes.width, c.epsilon},
                A::attention_of(c, w, at),
                {w, at.base + "post_attention_layernorm", c.sizes.width, c.epsilon},
                A::mlp_of(c, w, at)};
    }

    [[nodiscard]] index       vocab_size() const { return ends_.vocab_size(); }
    [[nodiscard]] cache_shape cache() const {
        auto const& c = config_;
        return {c.sizes.layers, c.attention.kv_heads, c.attention.head_size, c.sizes.positions};
    }

    [[nodiscard]] typename B::tensor embed(pass<B>& p) const { return ends_.embed(p); } // [n, width]

    void layer(block const& l, pass<B>& p, typename B::tensor& x) const { // x: [n, width]
        p.device.add(x, l.attention(p, l.attention_norm(p, x)));
        p.device.add(x, l.mlp(p, l.mlp_norm(p, x)));
    }
    [[nodiscard]] typename B::tensor head(pass<B>& p, typename B::tensor const& x) const { // [m, width] -> [m, vocab]
        return ends_.logits(p, norm_(p, x));
    }

private:
    config_type        config_;
    vocabulary_ends<B> ends_;
    Norm               norm_;
};

} // namespace qeval
