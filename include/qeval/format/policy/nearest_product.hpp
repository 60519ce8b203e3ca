// A fit policy for coarse scales: codes are chosen by the error they leave under the scale as it is stored.
#pragma once

#include <span>

#include <qeval/format/affine.hpp>
#include <qeval/format/policy/fit.hpp>

namespace qeval::fit {

// ggml NVFP4 (best_index_mxfp4): the largest magnitude on the largest level, then for each x the code with the smallest
// |scale * level - x|, the lower code where two are equally close.
struct nearest_product : on_largest_level {
    template <class L, class Affine>
    static auto encoder(Affine, Affine stored) {
        return [scale = stored.scale](auto x) {
            using V    = decltype(x);
            V best     = 0.0f;
            V smallest = magnitude(scale * L::value(0) - x);
            for (unsigned c = 1; c < unsigned(L::codes); ++c) {
                V const    error  = magnitude(scale * L::value(c) - x);
                auto const better = error < smallest;
                best              = select(better, V(static_cast<float>(c)), best);
                smallest          = select(better, error, smallest);
            }
            return best;
        };
    }
};

} // namespace qeval::fit
