// The decoder that most architectures are, but for the parts of a layer:
//   x <- x + attention(norm(x));  x <- x + mlp(norm(x));  logits = head(norm(x))
#pragma once

#include <string>
#include <utility>

#include <qeval/model/pass.hpp>
#include <qeval/model/vocabulary_ends.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

// An architecture inherits embed, layer and head, and says in load_layer what a layer is made of.
template <backend B, class Norm, class Attention, class Mlp>
class pre_norm_model {
public:
    struct block {
        Norm      attention_norm;
        Attention attention;
        Norm      mlp_norm;
        Mlp       mlp;
    };

    pre_norm_model(cache_shape const& cache, vocabulary_ends<B> ends, Norm norm)
        : cache_(cache), ends_(std::move(ends)), norm_(std::move(norm)) {}

    [[nodiscard]] index              vocab_size() const { return ends_.vocab_size(); }
    [[nodiscard]] cache_shape const& cache() const { return cache_; }

    [[nodiscard]] typename B::tensor embed(pass<B>& p) const { return ends_.embed(p); } // [n, width]

    void layer(block const& l, pass<B>& p, typename B::tensor& x) const { // x: [n, width]
        p.device.add(x, l.attention(p, l.attention_norm(p, x)));
        p.device.add(x, l.mlp(p, l.mlp_norm(p, x)));
    }
    [[nodiscard]] typename B::tensor head(pass<B>& p, typename B::tensor const& x) const { // [m, width] -> [m, vocab]
        return ends_.logits(p, norm_(p, x));
    }

private:
    cache_shape        cache_;
    vocabulary_ends<B> ends_;
    Norm               norm_;
};

} // namespace qeval
