// ggml Q5_K: w = d * s[g] * q - dmin * m[g], q = 0 .. 31, s, m = 0 .. 63; 256 weights, 8 groups of 32.
//   byte  0  d, dmin (f16)
//   byte  4  12 bytes of s and m, see six_bit_pairs.hpp
//   byte 16   32 x { bit k: bit 4 of weight j + 32 k }
//   byte 48  128 x { low nibble: weight j, high nibble: weight j + 32 }, 32 bytes for each 64 weights
//                                                     176 bytes / 256 weights = 5.5 bits
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/six_bit_affine.hpp>

namespace qeval {

struct q5_k : six_bit_affine<q5_k, 5, packing::planes<packing::field<1, 32, 4>, packing::field<4, 32>>> {
    static constexpr fixed_string  name    = "Q5_K";
    static constexpr std::uint32_t gguf_id = 13;
    static constexpr search::grid  trials{-0.5f, 0.1f, 15};
};
static_assert(sizeof(q5_k::block_type) == 176);

} // namespace qeval
