// OCP MXFP4: w = 2^(e - 127) * q, q in e2m1 (0 0.5 1 1.5 2 3 4 6 and signs), 32 weights a block.
//   byte  0  e (e8m0)
//   byte  1  16 x { low nibble: weight j, high nibble: weight j + 16 }      17 bytes / 32 weights = 4.25 bits
// A power-of-two scale needs no multiplier. The specification fixes values, not bytes; the nibble order is ggml's.
#pragma once

#include <qeval/format/format.hpp>

namespace qeval {

struct mxfp4 : format<"MXFP4", block<32>, minifloats<e2m1>, packing::split_nibbles, scale<e8m0>, no_offset,
                      fit::shared_exponent<e2m1>> {
    static constexpr std::uint32_t gguf_id = 39;
};
static_assert(sizeof(mxfp4::block_type) == 17);

} // namespace qeval
