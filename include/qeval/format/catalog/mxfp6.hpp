// OCP MXFP6: w = 2^(e - 127) * q, q in e2m3 (|q| <= 7.5) or e3m2 (|q| <= 28), 32 weights a block.
//   byte  0  e (e8m0)
//   byte  1   8 x { bits 4-5 of weights j, j + 8, j + 16, j + 24, low bits first }
//   byte  9  16 x { low nibble: weight j, high nibble: weight j + 16 }      25 bytes / 32 weights = 6.25 bits
// The specification fixes values, not bytes; high bits beside nibbles decode with shifts and masks of whole bytes.
#pragma once

#include <qeval/format/format.hpp>

namespace qeval {

using two_high_bits_then_nibbles = packing::planes<packing::field<2, 8, 4>, packing::field<4, 16>>;

template <fixed_string Name, class Element, class Packing>
struct mx_floats
    : format<Name, block<32>, minifloats<Element>, Packing, scale<e8m0>, no_offset, fit::shared_exponent<Element>> {};

struct mxfp6_e2m3 : mx_floats<"MXFP6_E2M3", e2m3, two_high_bits_then_nibbles> {};
struct mxfp6_e3m2 : mx_floats<"MXFP6_E3M2", e3m2, two_high_bits_then_nibbles> {};
static_assert(sizeof(mxfp6_e2m3::block_type) == 25);

} // namespace qeval
