// ggml Q5_0: w = d * (q - 16), q = 0 .. 31, 32 weights a block.
//   byte  0  d (f16)
//   byte  2  32 x 1 bit: bit 4 of weight j, little end first
//   byte  6  16 x { low nibble: weight j, high nibble: weight j + 16 }      22 bytes / 32 weights = 5.5 bits
// Also what llama.cpp falls back to where Q4_K does not divide the row.
#pragma once

#include <qeval/format/format.hpp>

namespace qeval {

using high_bit_then_nibbles = packing::planes<packing::field<1, 1, 4>, packing::field<4, 16>>;

struct q5_0
    : format<"Q5_0", block<32>, integers<5, 16>, high_bit_then_nibbles, scale<f16>, no_offset, fit::extreme_on_lowest> {
    static constexpr std::uint32_t gguf_id = 6;
};
static_assert(sizeof(q5_0::block_type) == 22);

} // namespace qeval
