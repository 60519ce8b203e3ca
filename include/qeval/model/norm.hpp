// Normalisation of a row: RMSNorm, y = x / sqrt(mean(x^2) + epsilon) * weight. What comes out is the input of linears.
#pragma once

#include <qeval/model/pass.hpp>
#include <qeval/model/weights.hpp>

namespace qeval {

template <backend B>
class rms_norm {
public:
    rms_norm(weights<B> const& from, std::string const& name, index width, double epsilon)
        : weight_(from.vector(name, width)), epsilon_(float(epsilon)) {}

    typename B::input operator()(pass<B>& p, typename B::tensor const& x) const { // [n, width] -> [n, width]
        return p.device.rms_norm(x, weight_, epsilon_);
    }

private:
    typename B::vector weight_;
    float              epsilon_;
};

} // namespace qeval
