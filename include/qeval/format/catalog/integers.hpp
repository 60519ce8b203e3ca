// Integers of 2 to 6 bits for 128 weights of a row: w = s * (q - z), q, z = 0 .. 2^b - 1 (AWQ, GPTQ); sym: z = 2^(b-1).
//   plane codes    neighbours in neighbouring bits, low ones first: 4 bits: byte j = weights 2j, 2j + 1; 2: 4j .. 4j +
//   3;
//                  3 = 1 + 2, 5 = 1 + 4, 6 = 2 + 4 bits: a plane of the high bits, then one of the low ones
//   plane scales   f16 a group: 128 weights, or int4:g32, int4:channel, int4:tensor
//   plane zeros    2, 4 or 8 bits a group, not for sym                4 + 20 / 128 = 4.156 bits, sym 4.125
// GPTQ's own 3 bits straddle its words; planes hold the same codes in as many bits, and every byte is decoded by
// itself.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/policy/integer_fit.hpp>

namespace qeval {

template <fixed_string Name, int Bits>
struct zero_point_integers : format<Name, group<128>, integers<Bits>, packing::neighbours<Bits>, scale<f16>,
                                    zero_point<Bits>, fit::min_max_zero_point> {};
template <fixed_string Name, int Bits>
struct symmetric_integers : format<Name, group<128>, integers<Bits, 1 << (Bits - 1)>, packing::neighbours<Bits>,
                                   scale<f16>, no_offset, fit::symmetric_range> {};

struct int2 : zero_point_integers<"int2", 2> {};
struct int3 : zero_point_integers<"int3", 3> {};
struct int4 : zero_point_integers<"int4", 4> {};
struct int5 : zero_point_integers<"int5", 5> {};
struct int6 : zero_point_integers<"int6", 6> {};
struct int2_sym : symmetric_integers<"int2:sym", 2> {};
struct int3_sym : symmetric_integers<"int3:sym", 3> {};
struct int4_sym : symmetric_integers<"int4:sym", 4> {};
struct int5_sym : symmetric_integers<"int5:sym", 5> {};
struct int6_sym : symmetric_integers<"int6:sym", 6> {};

} // namespace qeval
