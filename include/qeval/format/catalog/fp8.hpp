// fp8: w = s * q, q in e4m3 (|q| <= 448) or e5m2 (|q| <= 57344).
//   plane codes    the floats, a byte each
//   plane scales   f32 a row, or for the matrix (fp8_e4m3:tensor), or for 128 x 128 weights (fp8_e4m3:128x128)
//                                                     8 + 32 / columns bits, 8 + 32 / 16384 for the tiles
// A float's relative error is the same at every magnitude: better than int8 where a channel has outliers.
#pragma once

#include <qeval/format/format.hpp>

namespace qeval {

template <fixed_string Name, class Element>
struct scaled_floats
    : format<Name, per_row, minifloats<Element>, packing::bytes, scale<f32>, no_offset, fit::absmax_element<Element>> {
};

struct fp8_e4m3 : scaled_floats<"fp8_e4m3", e4m3> {};
struct fp8_e5m2 : scaled_floats<"fp8_e5m2", e5m2> {};

} // namespace qeval
