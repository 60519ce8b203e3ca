// 8-bit integers for each output channel: w = s * q, q = -127 .. 127; or w = s * (q - z), q, z = 0 .. 255.
//   plane codes    int8 (sym), or unsigned bytes (asym)
//   plane scales   f32 a row; int8:sym:tensor and int8:sym:g128 for the whole matrix, for 128 weights
//   plane zeros    a byte a row, asym only            8 + 32 / columns bits; 8 + 40 / columns
// The weights of W8A16, and with int8 activations of W8A8.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/policy/integer_fit.hpp>

namespace qeval {

struct int8_sym
    : format<"int8:sym", per_row, twos_complement<8>, packing::bytes, scale<f32>, no_offset, fit::absmax_round_even> {};
struct int8_asym
    : format<"int8:asym", per_row, integers<8>, packing::bytes, scale<f32>, zero_point<8>, fit::min_max_zero_point> {};

} // namespace qeval
