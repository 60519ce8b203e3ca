// ggml Q2_K: w = d * s[g] * q - dmin * m[g], q = 0 .. 3, s, m = 0 .. 15; 256 weights, 16 groups of 16.
//   byte  0  16 x { low nibble: s[g], high nibble: m[g] }
//   byte 16  64 x { bits 0-1: weight j, 2-3: j + 32, 4-5: j + 64, 6-7: j + 96 }, twice 128 weights
//   byte 80  d, dmin (f16)                            84 bytes / 256 weights = 2.625 bits
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/parameters.hpp>
#include <qeval/format/super_block.hpp>

namespace qeval {

struct q2_k : coded<256, 16, integers<2>, packing::planes<packing::field<2, 32>>> {
    static constexpr fixed_string  name    = "Q2_K";
    static constexpr std::uint32_t gguf_id = 10;
    struct block_type {
        std::uint8_t scales[16], codes[64];
        f16          d, dmin;
    };
    QEVAL_HD static constexpr auto super_scale(auto const& b) { return b.number(f16{}, offsetof(block_type, d)); }
    QEVAL_HD static constexpr auto sub_scale(auto const& b, int g) {
        return b.byte(offsetof(block_type, scales), g) & 15;
    }
    QEVAL_HD static constexpr auto group_offset(auto const& b, int g) {
        return -(b.number(f16{}, offsetof(block_type, dmin)) *
                 b.to_number(b.byte(offsetof(block_type, scales), g) >> 4));
    }
    QEVAL_HD static constexpr affine group(block_type const& b, int g) { return group_of<q2_k>(b, g); }
    static void                      put(block_type& b, int g, int s, int m) { b.scales[g] = std::uint8_t(s | m << 4); }

    template <class V>
    static void encode(block_lanes<block_type, V> const& b) {
        search::scales_and_minimums<q2_k, 15, search::by_magnitude>(b, {-0.5f, 0.1f, 15, true});
    }
    template <class V>
    static void encode(block_lanes<block_type, V> const& b, importance_lanes<V> const& importance) {
        search::weighted_scales_and_minimums<q2_k, 15>(b, importance, 1);
    }
};
static_assert(sizeof(q2_k::block_type) == 84);

} // namespace qeval
