// A fit policy for the levels -1, 0, 1.
#pragma once

#include <span>

#include <qeval/format/affine.hpp>
#include <qeval/format/policy/fit.hpp>

namespace qeval::fit {

// ggml TQ1_0, TQ2_0, Q2_0: d = absmax; the code is x * (1 / d), rounded half away from zero, plus one. Where the
// inverse overflows, the product is infinite or NaN and no integer is near: `Unknown` is the code that the origin's
// conversion then gives on x86.
template <int Unknown>
struct three_levels : on_one {
    template <class L, class Affine>
    static auto encoder(Affine measured, Affine) {
        return [inverse = reciprocal_or_zero(measured.scale)](auto x) {
            using V      = decltype(x);
            V const q    = x * inverse;
            V const code = V(1.0f) + select(q >= 0.5f, V(1.0f), V(0.0f)) - select(q <= -0.5f, V(1.0f), V(0.0f));
            return select(magnitude(q) < 2.0f, code, V(static_cast<float>(Unknown)));
        };
    }
};
using ternary = three_levels<1>; // TQ1_0, TQ2_0: lround's 64 bits, of which the low ones are 0

} // namespace qeval::fit
