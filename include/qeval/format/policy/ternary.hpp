// A fit policy for the levels -1, 0, 1.
#pragma once

#include <cmath>
#include <span>

#include <qeval/format/affine.hpp>
#include <qeval/format/policy/fit.hpp>

namespace qeval::fit {

// ggml TQ1_0, TQ2_0: d = absmax; the code is x * (1 / d), rounded half away from zero, plus one.
struct ternary {
    template <class L>
    static affine measure(std::span<float const> w) {
        return {max_abs(w), 0, 0};
    }
    template <class L>
    static auto encoder(affine measured, affine) {
        return [inverse = measured.scale == 0 ? 0.0f : 1.0f / measured.scale](float x) {
            float const q = x * inverse; // infinite or NaN where the inverse overflows: level 0, as the origin's lround gives
            return !(std::fabs(q) < 2) ? 1u : q >= 0.5f ? 2u : q <= -0.5f ? 0u : 1u;
        };
    }
};

} // namespace qeval::fit
