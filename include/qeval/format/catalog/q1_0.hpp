// ggml Q1_0: w = d where the bit is set, -d where it is not, 128 weights a block.
//   byte  0  d (f16)
//   byte  2  16 x { bit 0: weight j, bit 1: j + 1, .. bit 7: j + 7 }        18 bytes / 128 weights = 1.125 bits
// For models trained with binary weights: no code is zero, and d is the mean magnitude.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/policy/sign.hpp>

namespace qeval {

inline constexpr level_table signs({-1.0, 1.0});

struct q1_0 : format<"Q1_0", block<128>, levels<signs>, packing::neighbours<1>, scale<f16>, no_offset, fit::sign> {
    static constexpr std::uint32_t gguf_id = 41;
};
static_assert(sizeof(q1_0::block_type) == 18);

} // namespace qeval
