// Normalisation of a row x of width n.
//   rms     y = x / sqrt(mean(x^2) + epsilon) * weight
//   layer   y = (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) * weight + bias
#pragma once

#include <string>

#include <qeval/model/pass.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

enum class norm_kind { rms, layer };

struct norm_rule {
    norm_kind kind    = norm_kind::rms;
    double    epsilon = 1e-6;
    bool      bias    = false; // of a layer norm
    float     plus    = 0;     // what the stored weight lacks: 1 in Gemma's safetensors
};

template <backend B>
class norm {
public:
    // base: "model.layers.3.input_layernorm"
    norm(weights<B> const& from, std::string const& base, index width, norm_rule const& rule)
        : rule_(rule), width_(width), weight_(from.vector({base + ".weight", {width}, rule.plus})) {
        if (rule.kind == norm_kind::layer)
            bias_ = rule.bias ? from.vector(base + ".bias", width) : from.constant(width, 0);
    }

    // What comes out is the input of linears; x must stay as it is meanwhile.
    typename B::input operator()(pass<B>& p, typename B::tensor const& x) const { // [n, width] -> [n, width]
        auto const epsilon = float(rule_.epsilon);
        if (rule_.kind == norm_kind::rms) return p.device.rms_norm(x, weight_, epsilon);
        return p.device.layer_norm(x, weight_, bias_, epsilon);
    }
    // In place, for what is added to the hidden states. Without a bias.
    void apply(pass<B>& p, typename B::tensor& x) const { // [n, width]
        auto const epsilon = float(rule_.epsilon);
        if (rule_.kind == norm_kind::rms) return p.device.rms_norm_groups(x, width_, weight_, epsilon);
        p.device.layer_norm_groups(x, width_, weight_, epsilon);
    }

private:
    norm_rule          rule_;
    index              width_;
    typename B::vector weight_, bias_{};
};

} // namespace qeval
