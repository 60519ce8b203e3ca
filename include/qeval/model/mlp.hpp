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

    typename B::tensor operator()(pass<B>& p, typename B::input input) const { // [n, width] -> [n, width]
        auto gated = p.device.prepare(joined(p, input));
        return down_(p, gated);
    }

private:
    typename B::tensor joined(pass<B>& p, typename B::input& input) const { // [n, width] -> [n, inner]
        if (!gate_.has_bias() && !up_.has_bias()) {
            p.show(gate_.slot(), input);
            p.show(up_.slot(), input);
            return p.device.multiply_gated(input, gate_.matrix(), up_.matrix());
        }
        auto gate = gate_(p, input);
        p.device.silu_gate(gate, up_(p, input));
        return gate;
    }

    projection<B> gate_, up_, down_;
};

} // namespace qeval
