// ggml Q5_1: w = d * q + m, q = 0 .. 31, 32 weights a block.
//   byte  0  d (f16)
//   byte  2  m (f16)
//   byte  4  32 x 1 bit: bit 4 of weight j, little end first
//   byte  8  16 x { low nibble: weight j, high nibble: weight j + 16 }      24 bytes / 32 weights = 6 bits
#pragma once

#include <qeval/format/catalog/q5_0.hpp>
#include <qeval/format/format.hpp>

namespace qeval {

struct q5_1 : format<"Q5_1", block<32>, integers<5>, high_bit_then_nibbles, scale<f16>, minimum<f16>, fit::min_max> {
    static constexpr std::uint32_t gguf_id = 7;
};
static_assert(sizeof(q5_1::block_type) == 24);

} // namespace qeval
