// y = x W^T + b, the weight in any format.
#pragma once

#include <optional>
#include <utility>

#include <qeval/model/pass.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

template <backend B>
class projection {
public:
    // Reads slot.name, which ends in ".weight", [rows, cols]; with a bias also the tensor that ends in ".bias", [rows].
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
