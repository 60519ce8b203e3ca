// ggml Q8_0: w = d * q, q = -127 .. 127, 32 weights a block.
//   byte  0  d (f16)
//   byte  2  32 x int8             34 bytes / 32 weights = 8.5 bits
// The everyday "lossless" choice: small blocks make outliers local, and q is directly the operand of an int8 dot
// product.
#pragma once

#include <qeval/format/format.hpp>

namespace qeval {

struct q8_0
    : format<"Q8_0", block<32>, twos_complement<8>, packing::bytes, scale<f16>, no_offset, fit::absmax_round_away> {
    static constexpr std::uint32_t gguf_id = 8;
};
static_assert(sizeof(q8_0::block_type) == 34);

} // namespace qeval
