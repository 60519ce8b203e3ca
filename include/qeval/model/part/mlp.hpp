// The feed-forward blocks: gated, as in Llama, or plain, as in GPT.
#pragma once

#include <optional>
#include <string>

#include <qeval/model/part/layer_place.hpp>
#include <qeval/model/part/projection.hpp>

namespace qeval {

// Without ".weight". Of experts "*" is their number.
struct gated_names {
    std::string gate = "mlp.gate_proj", up = "mlp.up_proj", down = "mlp.down_proj";
    std::string both        = {};    // "mlp.gate_up_proj": gate and up in one matrix, gate first; empty: in two
    bool        alternating = false; // there gate and up take turns, row by row
    // Biases of all experts: see tensor_slot. gate_bias is that of `both`, too.
    std::string gate_bias = {}, up_bias = {}, down_bias = {};
};

// down(f(gate(x), up(x)))
template <backend B>
class gated_mlp {
public:
    gated_mlp(weights<B> const& from, layer_place const& at, index width, index inner, gate_fn f = gate_fn::silu,
              bool bias = false, gated_names const& names = {})
        : inner_(inner), alternating_(names.alternating), f_(f) {
        using split     = tensor_split;
        auto const slot = [&](tensor_role role, std::string const& name, std::string const& of_experts, split s,
                              index rows, index cols) {
            auto made = at.matrix(role, name, s, rows, cols);
            if (!of_experts.empty()) made.bias = at.base + of_experts;
            return made;
        };
        using role = tensor_role;
        if (names.both.empty()) {
            gate_.emplace(from, slot(role::mlp_gate, names.gate, names.gate_bias, split::rows, inner, width), bias);
            up_.emplace(from, slot(role::mlp_up, names.up, names.up_bias, split::rows, inner, width), bias);
        } else {
            gate_.emplace(from, slot(role::mlp_gate_up, names.both, names.gate_bias, split::rows, 2 * inner, width),
                          bias);
        }
        down_.emplace(from, slot(role::mlp_down, names.down, names.down_bias, split::columns, width, inner), bias);
    }

    typename B::tensor operator()(pass<B>& p, typename B::input input) const { // [n, width] -> [n, width]
        auto gated = p.device.prepare(joined(p, input));
        return (*down_)(p, gated);
    }

private:
    typename B::tensor joined(pass<B>& p, typename B::input& input) const { // [n, width] -> [n, inner]
        if (!up_) {
            auto const both  = (*gate_)(p, input);
            auto const piece = [&](index which) {
                return p.device.columns(both, alternating_ ? column_pieces{which, 1, inner_, 2}
                                                           : column_pieces{which * inner_, inner_, 1, 0});
            };
            auto gate = piece(0);
            p.device.gate(gate, piece(1), f_);
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
    bool                         alternating_;
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
