// y = x W^T + b, the weight in any format.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include <qeval/model/pass.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

// Where the weights of one layer stand: "model.layers.3.", and which layer of how many.
struct layer_place {
    std::string base;
    index       layer  = 0;
    index       layers = 0;

    // One of its matrices, [rows, cols].
    [[nodiscard]] tensor_slot matrix(tensor_role role, std::string const& name, tensor_split split, index rows,
                                     index cols) const {
        return {role, layer, layers, base + name + ".weight", false, split, rows, cols};
    }
};
// The base that Hugging Face's decoders share.
[[nodiscard]] inline layer_place hf_layer(index layer, index layers) {
    return {"model.layers." + std::to_string(layer) + ".", layer, layers};
}

template <backend B>
class projection {
public:
    // Reads NAME.weight [rows, cols] and, where there is one, NAME.bias [rows].
    projection(weights<B> const& from, tensor_slot slot, bool bias)
        : slot_(std::move(slot)), matrix_(from.matrix(slot_)) {
        if (bias) bias_ = from.bias(slot_);
    }

    typename B::tensor operator()(pass<B>& p, typename B::input& x) const { // [n, cols] -> [n, rows]
        p.show(slot_, x);
        auto y = p.device.multiply(x, matrix_);
        if (bias_) p.device.add_bias(y, *bias_);
        return y;
    }
    [[nodiscard]] bool                      has_bias() const { return bias_.has_value(); }
    [[nodiscard]] tensor_slot const&        slot() const { return slot_; }
    [[nodiscard]] typename B::matrix const& matrix() const { return matrix_; }

private:
    tensor_slot                       slot_;
    typename B::matrix                matrix_;
    std::optional<typename B::vector> bias_;
};

} // namespace qeval
