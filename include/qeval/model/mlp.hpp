// The gated feed-forward block of Llama: down(silu(gate(x)) * up(x)).
#pragma once

#include <qeval/model/projection.hpp>

namespace qeval {

template <backend B>
class swiglu {
public:
    // base: "model.layers.3.mlp"; slot carries the layer.
    swiglu(weights<B> const& from, std::string const& base, tensor_slot const& slot, index width, index inner,
           bool bias)
        : gate_(from, slot.with(tensor_role::mlp_gate, base + ".gate_proj.weight"), inner, width, bias),
          up_(from, slot.with(tensor_role::mlp_up, base + ".up_proj.weight"), inner, width, bias),
          down_(from, slot.with(tensor_role::mlp_down, base + ".down_proj.weight"), width, inner, bias) {}

    typename B::tensor operator()(pass<B>& p, typename B::tensor x) const { // [n, width] -> [n, width]
        auto input = p.device.prepare(std::move(x));
        auto gate  = gate_(p, input); // [n, inner]
        auto up    = up_(p, input);   // [n, inner]
        p.device.silu_gate(gate, up);
        auto gated = p.device.prepare(std::move(gate));
        return down_(p, gated);
    }

private:
    projection<B> gate_, up_, down_;
};

} // namespace qeval
