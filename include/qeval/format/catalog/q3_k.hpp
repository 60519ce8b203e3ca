// ggml Q3_K: w = d * (s[g] - 32) * (q - 4), q = 0 .. 7, s = 0 .. 63; 256 weights, 16 groups of 16.
//   byte   0  32 x { bit k: bit 2 of weight j + 32 k }
//   byte  32  64 x { bits 0-1: weight j, 2-3: j + 32, 4-5: j + 64, 6-7: j + 96 }, twice 128 weights
//   byte  96  s, 6 bits: 8 x { low nibble: s[j] & 15, high: s[j + 8] & 15 }, 4 x { s[j + 4 k] >> 4 at bits 2 k }
//   byte 108  d (f16)                                 110 bytes / 256 weights = 3.4375 bits
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/parameters.hpp>
#include <qeval/format/super_block.hpp>

namespace qeval {

struct q3_k : coded<256, 16, integers<3, 4>, packing::planes<packing::field<1, 32, 2>, packing::field<2, 32>>> {
    static constexpr fixed_string  name    = "Q3_K";
    static constexpr std::uint32_t gguf_id = 11;
    struct block_type {
        std::uint8_t codes[96], scales[12];
        f16          d;
    };
    QEVAL_HD static constexpr auto super_scale(auto const& b) { return b.number(f16{}, offsetof(block_type, d)); }
    QEVAL_HD static constexpr auto sub_scale(auto const& b, int g) {
        auto const low  = b.byte(offsetof(block_type, scales), g % 8) >> (g < 8 ? 0 : 4) & 15;
        auto const high = b.byte(offsetof(block_type, scales), 8 + g % 4) >> 2 * (g / 4) & 3;
        return (low | high << 4) - 32;
    }
    QEVAL_HD static constexpr affine group(block_type const& b, int g) { return group_of<q3_k>(b, g); }
    static void                      put(block_type& b, int g, int s) { // s = -32 .. 31
        b.scales[g % 8]     = std::uint8_t(b.scales[g % 8] | ((s + 32) & 15) << (g < 8 ? 0 : 4));
        b.scales[8 + g % 4] = std::uint8_t(b.scales[8 + g % 4] | (s + 32) >> 4 << (2 * (g / 4)));
    }
    template <class V>
    static void encode(block_lanes<block_type, V> const& b) {
        search::signed_scales<q3_k, 32>(b, 0, search::coordinate<V>);
    }
    template <class V>
    static void encode(block_lanes<block_type, V> const& b, importance_lanes<V> const& importance) {
        search::weighted_signed_scales<q3_k, 32>(b, importance, 2);
    }
};
static_assert(sizeof(q3_k::block_type) == 110);

} // namespace qeval
