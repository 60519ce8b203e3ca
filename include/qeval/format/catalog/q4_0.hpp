// ggml Q4_0: w = d * (q - 8), q = 0 .. 15, 32 weights a block.
//   byte  0  d (f16)
//   byte  2  16 x { low nibble: weight j, high nibble: weight j + 16 }      18 bytes / 32 weights = 4.5 bits
// The value of largest magnitude lands on level -8, so the full range of codes is used on its side.
#pragma once

#include <qeval/format/format.hpp>

namespace qeval {

struct q4_0
    : format<"Q4_0", block<32>, integers<4, 8>, packing::split_nibbles, scale<f16>, no_offset, fit::extreme_on_lowest> {
    static constexpr std::uint32_t gguf_id = 2;
};
static_assert(sizeof(q4_0::block_type) == 18);

} // namespace qeval
