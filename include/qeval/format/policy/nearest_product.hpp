// A fit policy for coarse scales: codes are chosen by the error they leave under the scale as it is stored.
#pragma once

#include <cmath>
#include <span>

#include <qeval/format/affine.hpp>
#include <qeval/format/policy/fit.hpp>

namespace qeval::fit {

// ggml NVFP4 (best_index_mxfp4): the largest magnitude on the largest level, then for each x the code with the smallest
// |scale * level - x|, the lower code where two are equally close.
struct nearest_product {
    template <class L>
    static affine measure(std::span<float const> w) {
        return {max_abs(w) / largest_level<L>, 0, 0};
    }
    template <class L>
    static auto encoder(affine, affine stored) {
        return [scale = stored.scale](float x) {
            unsigned best  = 0;
            float    error = std::fabs(scale * L::value(0) - x);
            for (unsigned c = 1; c < unsigned(L::codes); ++c) {
                float const e = std::fabs(scale * L::value(c) - x);
                if (e < error) best = c, error = e;
            }
            return best;
        };
    }
};

} // namespace qeval::fit
