// bitsandbytes NF4: w = absmax * level[q], the 16 quantiles of a normal distribution scaled to [-1, 1], 0 included.
//   plane codes    n / 2 bytes, { high nibble: weight 2j, low nibble: weight 2j + 1 }
//   plane scales   one f32 for every 64 weights of the flattened matrix, or 32, 128 .. 4096 (nf4:128): 4 + 32 / 64 bits
//                  double quantized: one byte each, under one f32 for 256 of them and a mean, 4 + 8 / 64 + 32 / 16384
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/policy/double_quantized.hpp>

namespace qeval {

inline constexpr level_table nf4_levels({-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453,
                                         -0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0,
                                         0.07958029955625534, 0.16093020141124725, 0.24611230194568634,
                                         0.33791524171829224, 0.44070982933044434, 0.5626170039176941,
                                         0.7229568362236023, 1.0});

template <fixed_string Name, level_table Table, class Scale>
struct flat_code_book
    : format<Name, flat<64>, levels<Table>, packing::nibbles_high_first, Scale, no_offset, fit::absmax_reciprocal> {};

struct nf4 : flat_code_book<"nf4", nf4_levels, scale<f32>> {};
struct nf4_dq : flat_code_book<"nf4:dq", nf4_levels, double_quantized<256>> {};

} // namespace qeval
