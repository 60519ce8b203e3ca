// Normalisation of a row x of width n. What comes out is the input of linears.
//   rms_norm    y = x / sqrt(mean(x^2) + epsilon) * weight
//   layer_norm  y = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) * weight + bias
#pragma once

#include <string>

#include <qeval/model/pass.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

template <backend B>
class rms_norm {
public:
    // base: "model.layers.3.input_layernorm"
    rms_norm(weights<B> const& from, std::string const& base, index width, double epsilon)
        : weight_(from.vector(base + ".weight", width)), epsilon_(float(epsilon)) {}

    typename B::input operator()(pass<B>& p, typename B::tensor const& x) const { // [n, width] -> [n, width]
        return p.device.rms_norm(x, weight_, epsilon_);
    }

private:
    typename B::vector weight_;
    float              epsilon_;
};

template <backend B>
class layer_norm {
public:
    layer_norm(weights<B> const& from, std::string const& base, index width, double epsilon)
        : weight_(from.vector(base + ".weight", width)),
          bias_(from.vector(base + ".bias", width)),
          epsilon_(float(epsilon)) {}

    typename B::input operator()(pass<B>& p, typename B::tensor const& x) const { // [n, width] -> [n, width]
        return p.device.layer_norm(x, weight_, bias_, epsilon_);
    }

private:
    typename B::vector weight_, bias_;
    float              epsilon_;
};

} // namespace qeval
