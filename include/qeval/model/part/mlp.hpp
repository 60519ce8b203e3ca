// The feed-forward blocks: gated, as in Llama, or plain, as in GPT.
#pragma once

#include <string>

#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/projection.hpp>

namespace qeval {

// down(silu(gate(x)) * up(x))
template <backend B>
class swiglu {
public:
    swiglu(weights<B> const& from, layer_place const& at, index width, index inner, bool bias)
        : gate_(from, at.matrix(tensor_role::mlp_gate, "mlp.gate_proj", tensor_split::rows, inner, width), bias),
          up_(from, at.matrix(tensor_role::mlp_up, "mlp.up_proj", tensor_split::rows, inner, width), bias),
          down_(from, at.matrix(tensor_role::mlp_down, "mlp.down_proj", tensor_split::columns, width, inner), bias) {}

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

// down(f(up(x)))
template <backend B>
class plain_mlp {
public:
    // Names of the two matrices: "mlp.c_fc" and "mlp.c_proj".
    plain_mlp(weights<B> const& from, layer_place const& at, std::string const& up, std::string const& down,
              index width, index inner, bool bias, activation_fn f)
        : up_(from, at.matrix(tensor_role::mlp_up, up, tensor_split::rows, inner, width), bias),
          down_(from, at.matrix(tensor_role::mlp_down, down, tensor_split::columns, width, inner), bias),
          f_(f) {}

    typename B::tensor operator()(pass<B>& p, typename B::input input) const { // [n, width] -> [n, width]
        auto x = up_(p, input);
        p.device.activate(x, f_);
        auto activated = p.device.prepare(std::move(x));
        return down_(p, activated);
    }

private:
    projection<B> up_, down_;
    activation_fn f_;
};

} // namespace qeval
