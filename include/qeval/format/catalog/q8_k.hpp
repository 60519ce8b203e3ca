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
    QEVAL_HD static constexpr auto group_scale(auto const& b, int) { return b.number(f32{}, offsetof(block_type, d)); }
    QEVAL_HD static constexpr affine group(block_type const& b, int g) { return group_of<q8_k>(b, g); }

    template <class V>
    static void encode(block_lanes<block_type, V> const& b) { // the extreme lands on -127
        auto const e       = search::find_extreme(b.x, 256);
        V const    inverse = select(e.magnitude == 0.0f, V(0.0f), V(-127.0f) / e.value);
        V          codes[256];
        for (int i = 0; i < 256; ++i)
            codes[i] = as_codes<levels_type>(smaller_of(V(127.0f), nearest(inverse * b.x[i])));
        put_codes<q8_k>(codes, b.out);
        for (int k = 0; k < lane_count<V>; ++k) {
            auto& block = *b.out[k];
            if (lane_of(e.magnitude, k) != 0) block.d = f32::from(1 / lane_of(inverse, k));
            for (int i = 0; i < 256; ++i)
                block.sums[i / 16] =
                    static_cast<std::int16_t>(block.sums[i / 16] + static_cast<int>(level(block.codes[i])));
        }
    }
};
static_assert(sizeof(q8_k::block_type) == 292);

} // namespace qeval
