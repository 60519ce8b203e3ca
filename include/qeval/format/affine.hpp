// What a group of weights shares.
#pragma once

#include <qeval/core/macros.hpp>

namespace qeval {

// weight = scale * (level - zero) + offset, each operation rounded once, in this order. `zero` is a field of its own:
// with float scales (q - z) * s and q * s - z * s differ in almost half of all cases. No offset is -0, the neutral
// element of addition (x + -0 == x even for x = -0): the sign of a zero comes out as the origin has it.
struct affine {
    float scale  = 1;
    float zero   = 0;
    float offset = -0.0f;

    QEVAL_HD constexpr float operator()(float level) const { return scale * (level - zero) + offset; }
};

} // namespace qeval
