// bitsandbytes AF4: w = absmax * level[q], the 16 levels of least mean absolute error for normal weights in blocks
// of 64.
//   planes as in nf4.hpp; code 0 is 1, code 15 is -1, as the package's table has them
// From "NF4 Isn't Information Theoretically Optimal (and that's Good)". Other block sizes keep the table of 64.
#pragma once

#include <qeval/format/catalog/nf4.hpp>

namespace qeval {

inline constexpr level_table af4_levels({1.0, 0.72424863, 0.55496234, 0.42563882, 0.31675666, 0.21961274, 0.12934483,
                                         0.04273164, 0.0, -0.04934812, -0.14982478, -0.25607552, -0.3736951,
                                         -0.51243739, -0.69441008, -1.0});

struct af4 : flat_code_book<"af4", af4_levels, scale<f32>> {};
struct af4_dq : flat_code_book<"af4:dq", af4_levels, double_quantized<256>> {};

} // namespace qeval
