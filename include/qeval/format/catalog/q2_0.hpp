// ggml Q2_0: w = d * (q - 1), q = 0 .. 2 (3 reads as 2 d), 64 weights a block.
//   byte  0  d (f16)
//   byte  2  16 x { bits 0-1: weight j, 2-3: j + 1, 4-5: j + 2, 6-7: j + 3 }      18 bytes / 64 weights = 2.25 bits
// TQ2_0's levels with a scale for a quarter of its block. The encoder never writes a 3.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/policy/ternary.hpp>

namespace qeval {

struct q2_0
    : format<"Q2_0", block<64>, integers<2, 1>, packing::neighbours<2>, scale<f16>, no_offset, fit::three_levels<0>> {
    static constexpr std::uint32_t gguf_id = 42;
};
static_assert(sizeof(q2_0::block_type) == 18);

} // namespace qeval
