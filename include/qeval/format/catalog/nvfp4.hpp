// NVFP4 in ggml's blocks: w = s[g] * q, q in e2m1 (0 0.5 1 1.5 2 3 4 6 and signs), 64 weights, 4 groups of 16.
//   byte  0  s (unsigned e4m3)
//   byte  4  32 x { low nibble: weight j, high nibble: weight j + 8 }, 8 bytes for each 16 weights
//                                                     36 bytes / 64 weights = 4.5 bits
// Scales with a mantissa waste less range than MXFP4's powers of two; NVIDIA's further scale per tensor is not in the
// block.
#pragma once

#include <qeval/core/ue4m3.hpp>
#include <qeval/format/format.hpp>
#include <qeval/format/policy/nearest_product.hpp>

namespace qeval {

inline constexpr level_table e2m1_one_zero({0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 0.0, -0.5, -1.0, -1.5, -2.0, -3.0,
                                            -4.0, -6.0});

struct nvfp4 : format<"NVFP4", block<64, 16>, levels<e2m1_one_zero>, packing::planes<packing::field<4, 8>>,
                      scale<ue4m3>, no_offset, fit::nearest_product> {
    static constexpr std::uint32_t gguf_id = 40;
};
static_assert(sizeof(nvfp4::block_type) == 36);

} // namespace qeval
