// fp8 e4m3 with one scale for each output channel: w = s * q, |q| <= 448.
//   plane codes    e4m3
//   plane scales   f32 a row                          8 + 32 / columns bits
// A float's relative error is the same at every magnitude: better than int8 where a channel has outliers.
#pragma once

#include <qeval/format/format.hpp>

namespace qeval {

struct fp8_channel
    : format<"fp8_e4m3", per_row, minifloats<e4m3>, packing::bytes, scale<f32>, no_offset, fit::absmax_element<e4m3>> {};

} // namespace qeval
