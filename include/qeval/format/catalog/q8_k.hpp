// ggml Q8_K: w = d * q, q = -127 .. 127, 256 weights a block, with the sums of each 16.
//   byte   0  d (f32)
//   byte   4  256 x int8
//   byte 260  16 x sum of 16 q (int16)                292 bytes / 256 weights = 9.125 bits
// Activations for the super-block types: one scale for 256, and sums ready for their minimums. Not a type for files.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/search.hpp>

namespace qeval {

struct q8_k : coded<256, 256, twos_complement<8>, packing::bytes> {
    static constexpr fixed_string name = "Q8_K";
    struct block_type {
        f32          d;
        std::uint8_t codes[256];
        std::int16_t sums[16];
    };
    QEVAL_HD static constexpr affine group(block_type const& b, int) { return {b.d.to_float()}; }

    static void encode(std::span<float const, 256> w, block_type& b) { // the extreme lands on -127
        b                       = {};
        search::extreme const e = search::find_extreme(w);
        if (e.magnitude == 0) return;
        float const inverse = -127.0f / e.value;
        for (int i = 0; i < 256; ++i) {
            b.codes[i] = static_cast<std::uint8_t>(std::min(127, search::nearest_int(inverse * w[std::size_t(i)])) & 255);
            b.sums[i / 16] = static_cast<std::int16_t>(b.sums[i / 16] + static_cast<int>(level(b.codes[i])));
        }
        b.d = f32::from(1 / inverse);
    }
};
static_assert(sizeof(q8_k::block_type) == 292);

} // namespace qeval
