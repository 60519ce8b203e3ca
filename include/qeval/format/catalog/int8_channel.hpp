// 8-bit integers with one scale for each output channel: w = s * q, q = -127 .. 127 (W8A16; the weights of W8A8).
//   plane codes    int8
//   plane scales   f32 a row                          8 + 32 / columns bits
#pragma once

#include <qeval/format/format.hpp>

namespace qeval {

struct int8_channel
    : format<"int8_channel", per_row, twos_complement<8>, packing::bytes, scale<f32>, no_offset, fit::absmax_round_even> {};

} // namespace qeval
