// OCP MXFP8: w = 2^(e - 127) * q, q in e4m3 (|q| <= 448) or e5m2 (|q| <= 57344), 32 weights a block.
//   byte  0  e (e8m0)
//   byte  1  32 x q                                   33 bytes / 32 weights = 8.25 bits
// Elements saturate: the shared exponent is that of the largest magnitude, whose mantissa may exceed the largest
// element's.
#pragma once

#include <qeval/format/catalog/mxfp6.hpp>

namespace qeval {

struct mxfp8_e4m3 : mx_floats<"MXFP8_E4M3", e4m3, packing::bytes> {};
struct mxfp8_e5m2 : mx_floats<"MXFP8_E5M2", e5m2, packing::bytes> {};
static_assert(sizeof(mxfp8_e4m3::block_type) == 33);

} // namespace qeval
