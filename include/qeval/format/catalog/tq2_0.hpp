// ggml TQ2_0: w = d * (q - 1), q = 0 .. 2 (3 reads as 2 d), 256 weights a block.
//   byte  0  64 x { bits 0-1: weight j, 2-3: j + 32, 4-5: j + 64, 6-7: j + 96 }, twice 128 weights
//   byte 64  d (f16)                                  66 bytes / 256 weights = 2.0625 bits
// For models trained with ternary weights (BitNet, TriLM): larger than TQ1_0, and a shift to decode.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/policy/ternary.hpp>

namespace qeval {

struct tq2_0 : coded<256, 256, integers<2, 1>, packing::planes<packing::field<2, 32>>> {
    static constexpr fixed_string  name    = "TQ2_0";
    static constexpr std::uint32_t gguf_id = 35;
    struct block_type {
        std::uint8_t codes[64];
        f16          d;
    };
    QEVAL_HD static constexpr auto group_scale(auto const& b, int) { return b.number(f16{}, offsetof(block_type, d)); }
    QEVAL_HD static constexpr affine group(block_type const& b, int g) { return group_of<tq2_0>(b, g); }

    template <class V>
    static void encode(block_lanes<block_type, V> const& b) {
        auto const measured = fit::ternary::measure<levels_type>(std::span<V const>(b.x, 256));
        auto const code     = fit::ternary::encoder<levels_type>(measured, measured);
        V          codes[256];
        for (int i = 0; i < 256; ++i) codes[i] = code(b.x[i]);
        put_codes<tq2_0>(codes, b.out);
        for (int k = 0; k < lane_count<V>; ++k) b.out[k]->d = f16::from(lane_of(measured.scale, k));
    }
};
static_assert(sizeof(tq2_0::block_type) == 66);

} // namespace qeval
