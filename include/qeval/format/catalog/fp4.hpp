// bitsandbytes FP4: w = absmax * level[q]; a sign and the magnitudes 0, 1/192, 2/3, 1, 1/3, 1/2, 1/6, 1/4 in this
// order.
//   planes as in nf4.hpp: nibbles, first weight high; one absmax for 64 weights (or 32 .. 4096), plain or double
//   quantized
#pragma once

#include <qeval/format/catalog/nf4.hpp>

namespace qeval {

inline constexpr level_table fp4_levels({0.0, 0.0625 / 12, 8.0 / 12, 12.0 / 12, 4.0 / 12, 6.0 / 12, 2.0 / 12, 3.0 / 12,
                                         0.0, -0.0625 / 12, -8.0 / 12, -12.0 / 12, -4.0 / 12, -6.0 / 12, -2.0 / 12,
                                         -3.0 / 12});

struct fp4 : flat_code_book<"fp4", fp4_levels, scale<f32>> {};
struct fp4_dq : flat_code_book<"fp4:dq", fp4_levels, double_quantized<256>> {};

} // namespace qeval
