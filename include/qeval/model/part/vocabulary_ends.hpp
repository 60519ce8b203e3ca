// Both ends of a language model: the embedding of tokens, and the head, which may be the same matrix and add a bias.
#pragma once

#include <optional>
#include <string>

#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/pass.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

template <backend B>
class vocabulary_ends {
public:
    // Reads the embedding [vocab, width] and, unless they are tied, the head of the same shape.
    vocabulary_ends(weights<B> const& from, index vocab, index width, index layers, bool tied,
                    decoder_naming const& names = {}, bool head_bias = false)
        : head_slot_{tensor_role::embedding, -1,    layers, std::string(names.embedding) + ".weight", tied,
                     tensor_split::none,     vocab, width},
          embedding_(from.matrix(head_slot_)) {
        auto const head = std::string(names.head) + ".weight";
        if (tied) {
            from.unused(head);
        } else {
            head_slot_.role = tensor_role::head;
            head_slot_.name = head;
            head_           = from.matrix(head_slot_);
        }
        if (head_bias) bias_ = from.vector(std::string(names.head) + ".bias", vocab);
    }
    [[nodiscard]] index vocab_size() const { return head_slot_.rows; }

    [[nodiscard]] typename B::tensor embed(pass<B>& p) const { // [n, width]
        return p.device.embed(embedding_, p.step.tokens);
    }
    [[nodiscard]] typename B::tensor logits(pass<B>& p, typename B::input x) const { // [m, width] -> [m, vocab]
        p.show(head_slot_, x);
        auto y = p.device.multiply(x, head_slot_.tied ? embedding_ : head_);
        if (bias_) p.device.add_bias(y, *bias_);
        return y;
    }

private:
    tensor_slot        head_slot_;
    typename B::matrix embedding_;
    typename B::matrix head_{};

    std::optional<typename B::vector> bias_;
};

} // namespace qeval
