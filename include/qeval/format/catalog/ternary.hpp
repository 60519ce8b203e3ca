// Ternary weights: w = s * (q - 1), q = 0, 1, 2, five of them in a byte.
//   plane codes    byte j = q[5j] + 3 q[5j+1] + 9 q[5j+2] + 27 q[5j+3] + 81 q[5j+4]
//   plane scales   f16 a row; ternary:tensor, ternary:g128 for others                    1.6 + 16 / columns bits
// The fit is that of BitNet b1.58, s the mean magnitude: for models that were trained so; others lose most of what they
// know.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/policy/integer_fit.hpp>

namespace qeval {

struct ternary : format<"ternary", per_row, integers<2, 1>, packing::trits, scale<f16>, no_offset, fit::absmean> {};

} // namespace qeval
