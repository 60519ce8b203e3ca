// ggml Q4_1: w = d * q + m, q = 0 .. 15, 32 weights a block.
//   byte  0  d (f16)
//   byte  2  m (f16)
//   byte  4  16 x { low nibble: weight j, high nibble: weight j + 16 }      20 bytes / 32 weights = 5 bits
// The minimum costs half a bit a weight and pays where blocks are not centred on zero.
#pragma once

#include <qeval/format/format.hpp>

namespace qeval {

struct q4_1 : format<"Q4_1", block<32>, integers<4>, packing::split_nibbles, scale<f16>, minimum<f16>, fit::min_max> {
    static constexpr std::uint32_t gguf_id = 3;
};
static_assert(sizeof(q4_1::block_type) == 20);

} // namespace qeval
