// The decoder that most architectures are, but for the parts of a layer:
//   x <- x + attention(norm(x));  x <- x + mlp(norm(x));  logits = head(norm(x))
#pragma once

#include <qeval/model/part/vocabulary_ends.hpp>
#include <qeval/model/pass.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

// An architecture inherits all but load_layer, which says what a layer is made of. Config has `sizes` (decoder_sizes),
// `attention` (attention_shape), `epsilon` of the norms, and `tied`: the embedding is the head, too.
template <backend B, class Config, class Norm, class Attention, class Mlp>
class pre_norm_model {
public:
    struct block {
        Norm      attention_norm;
        Attention attention;
        Norm      mlp_norm;
        Mlp       mlp;
    };

    pre_norm_model(Config const& c, weights<B> const& w)
        : config_(c),
          ends_(w, c.sizes.vocab, c.sizes.width, c.sizes.layers, c.tied),
          norm_(w, "model.norm", c.sizes.width, c.epsilon) {}

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

protected:
    [[nodiscard]] Config const& config() const { return config_; }

private:
    Config             config_;
    vocabulary_ends<B> ends_;
    Norm               norm_;
};

} // namespace qeval
