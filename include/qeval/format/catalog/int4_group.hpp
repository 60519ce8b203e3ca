// Integers of 4 bits with a zero point for 128 weights of a row (AWQ, GPTQ): w = s * (q - z), q, z = 0 .. 15.
//   plane codes    { low nibble: weight 2j, high nibble: weight 2j + 1 }
//   plane scales   f16 a group
//   plane zeros    4 bits a group                     4 + 20 / 128 = 4.156 bits
#pragma once

#include <qeval/format/format.hpp>

namespace qeval {

struct int4_g128 : format<"int4", group<128>, integers<4>, packing::nibbles, scale<f16>, zero_point<4>, fit::min_max_zero_point> {};

} // namespace qeval
