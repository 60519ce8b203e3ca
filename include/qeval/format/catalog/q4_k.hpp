// ggml Q4_K: w = d * s[g] * q - dmin * m[g], q = 0 .. 15, s, m = 0 .. 63; 256 weights, 8 groups of 32.
//   byte  0  d, dmin (f16)
//   byte  4  12 bytes of s and m, see six_bit_pairs.hpp
//   byte 16  128 x { low nibble: weight j, high nibble: weight j + 32 }, 32 bytes for each 64 weights
//                                                     144 bytes / 256 weights = 4.5 bits
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/six_bit_affine.hpp>

namespace qeval {

struct q4_k : six_bit_affine<q4_k, 4, packing::planes<packing::field<4, 32>>> {
    static constexpr fixed_string  name    = "Q4_K";
    static constexpr std::uint32_t gguf_id = 12;
    static constexpr search::grid  trials{-1.0f, 0.1f, 20};
};
static_assert(sizeof(q4_k::block_type) == 144);

} // namespace qeval
