// A fit policy for the levels -1, 1.
#pragma once

#include <qeval/format/policy/fit.hpp>

namespace qeval::fit {

// ggml Q1_0: d = the mean magnitude, summed in float in the order of the weights; the code is 1 where x >= 0.
struct sign {
    template <class L, class Weights>
    static affine_of<lane_in<Weights>> measure(Weights w) {
        lane_in<Weights> sum(0.0f);
        for (auto const& x : w) sum = sum + magnitude(x);
        return {sum / static_cast<float>(w.size()), 0, 0};
    }
    template <class L, class Affine>
    static auto encoder(Affine, Affine) {
        return [](auto x) { return select(x >= 0.0f, decltype(x)(1.0f), decltype(x)(0.0f)); };
    }
};

} // namespace qeval::fit
