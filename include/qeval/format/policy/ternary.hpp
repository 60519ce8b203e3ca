// A fit policy for the levels -1, 0, 1.
#pragma once

#include <span>

#include <qeval/format/affine.hpp>
#include <qeval/format/policy/fit.hpp>

namespace qeval::fit {

// ggml TQ1_0, TQ2_0: d = absmax; the code is x * (1 / d), rounded half away from zero, plus one.
struct ternary : on_one {
    template <class L, class Affine>
    static auto encoder(Affine measured, Affine) {
        return [inverse = reciprocal_or_zero(measured.scale)](auto x) {
            using V = decltype(x);
            V const q =
                x * inverse; // infinite or NaN where the inverse overflows: level 0, as the origin's lround gives
            V const code = V(1.0f) + select(q >= 0.5f, V(1.0f), V(0.0f)) - select(q <= -0.5f, V(1.0f), V(0.0f));
            return select(magnitude(q) < 2.0f, code, V(1.0f));
        };
    }
};

} // namespace qeval::fit
