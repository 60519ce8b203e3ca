// One forward pass under way: the backend, the batch, and who watches the inputs of linear layers.
#pragma once

#include <functional>
#include <span>

#include <qeval/model/backend.hpp>
#include <qeval/model/role.hpp>

namespace qeval {

// Called with the input [n, cols] of a linear layer before it is applied. rows: of the batch, one for each of the
// input; empty: all of them.
template <backend B>
using linear_observer =
    std::function<void(tensor_slot const&, typename B::tensor const& x, std::span<index const> rows)>;

template <backend B>
struct pass {
    B&                        device;
    batch<typename B::cache>& step;
    linear_observer<B> const* observe = nullptr;
    std::span<index const>    rows    = {}; // of the batch that the tensors at hand hold; empty: all, in order

    // Shows an input to whoever observes what linears are given. Without an observer, nothing is computed.
    void show(tensor_slot const& slot, typename B::input& x) const {
        if (observe) (*observe)(slot, x.tensor(), rows);
    }
};

} // namespace qeval
