// One forward pass under way: the backend, the batch, and who watches the inputs of linear layers.
#pragma once

#include <functional>

#include <qeval/model/backend.hpp>
#include <qeval/model/role.hpp>

namespace qeval {

// Called with the input [n, cols] of a linear layer before it is applied: what calibration reads.
template <backend B>
using linear_observer = std::function<void(tensor_slot const&, typename B::tensor const&)>;

template <backend B>
struct pass {
    B&                        device;
    batch<typename B::cache>& step;
    linear_observer<B> const* observe = nullptr;
};

} // namespace qeval
