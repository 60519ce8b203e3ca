// The feed-forward blocks: gated, as in Llama, or plain, as in GPT.
#pragma once

#include <optional>
#include <string>

#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/projection.hpp>

namespace qeval {

struct gated_names {
    std::string gate = "mlp.gate_proj", up = "mlp.up_proj", down = "mlp.down_proj";
    std::string both = {}; // "mlp.gate_up_proj": gate and up in one matrix, gate first; empty: in two
};

// down(f(gate(x), up(x)))
template <backend B>
class gated_mlp {
public:
    gated_mlp(weights<B> const& from, layer_place const& at, index width, index inner, gate_fn f = gate_fn::silu,
              bool bias = false, gated_names const& names = {})
        : inner_(inner), f_(f) {
        using split = tensor_split;
        if (names.both.empty()) {
            gate_.emplace(from, at.matrix(tensor_role::mlp_gate, names.gate, split::rows, inner, width), bias);
            up_.emplace(from, at.matrix(tensor_role::mlp_up, names.up, split::rows, inner, width), bias);
        } else {
            gate_.emplace(from, at.matrix(tensor_role::mlp_gate_up, names.both, split::rows, 2 * inner, width), bias);
        }
        down_.emplace(from, at.matrix(tensor_role::mlp_down, names.down, split::columns, width, inner), bias);
    }

    typename B::tensor operator()(pass<B>& p, typename B::input input) const { // [n, width] -> [n, width]
        auto gated = p.device.prepare(joined(p, input));
        return (*down_)(p, gated);
    }

private:
    typename B::tensor joined(pass<B>& p, typename B::input& input) const { // [n, width] -> [n, inner]
        if (!up_) {
            auto const both = (*gate_)(p, input);
            auto       gate = p.device.columns(both, {0, inner_, 1, 0});
            p.device.gate(gate, p.device.columns(both, {inner_, inner_, 1, 0}), f_);
            return gate;
        }
        if (!gate_->has_bias() && !up_->has_bias()) {
            p.show(gate_->slot(), input);
            p.show(up_->slot(), input);
            return p.device.multiply_gated(input, gate_->matrix(), up_->matrix(), f_);
        }
        auto gate = (*gate_)(p, input);
        p.device.gate(gate, (*up_)(p, input), f_);
        return gate;
    }

    index                        inner_;
    gate_fn                      f_;
    std::optional<projection<B>> gate_, up_, down_;
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
