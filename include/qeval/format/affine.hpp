// What a group of weights shares.
#pragma once

#include <qeval/core/macros.hpp>

namespace qeval {

// weight = scale * (level - zero) + offset, each operation rounded once, in this order. `zero` is a field of its own:
// with float scales (q - z) * s and q * s - z * s differ in almost half of all cases.
struct affine {
    float scale  = 1;
    float zero   = 0;
    float offset = 0;

    QEVAL_HD constexpr float operator()(float level) const { return scale * (level - zero) + offset; }
};

} // namespace qeval
