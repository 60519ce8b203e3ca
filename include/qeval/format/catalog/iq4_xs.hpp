// ggml IQ4_XS: w = d * (s[g] - 32) * level[q], the levels of IQ4_NL, s = 0 .. 63; 256 weights, 8 groups of 32.
//   byte  0  d (f16)
//   byte  2  bits 4-5 of s, 2 bits each; then 4 x { low nibble: bits 0-3 of s[2 j], high nibble: of s[2 j + 1] }
//   byte  8  128 x { low nibble: weight j, high nibble: weight j + 16 }, 16 bytes for each 32 weights
//                                                     136 bytes / 256 weights = 4.25 bits
// Uneven levels make up for the minimums of Q4_K, a quarter of a bit cheaper.
#pragma once

#include <qeval/format/catalog/iq4_nl.hpp>

namespace qeval {

struct iq4_xs : coded<256, 32, levels<iq4_nl_levels>, packing::planes<packing::field<4, 16>>> {
    static constexpr fixed_string  name    = "IQ4_XS";
    static constexpr std::uint32_t gguf_id = 23;
    struct block_type {
        f16          d;
        std::uint8_t high[2], low[4], codes[128];
    };
    QEVAL_HD static constexpr auto group_scale(auto const& b, int g) {
        auto const low  = b.byte(offsetof(block_type, low), g / 2) >> 4 * (g % 2) & 15;
        auto const high = b.byte(offsetof(block_type, high), g / 4) >> 2 * (g % 4) & 3;
        return b.number(f16{}, offsetof(block_type, d)) * b.to_number((low | high << 4) - 32);
    }
    QEVAL_HD static constexpr affine group(block_type const& b, int g) { return group_of<iq4_xs>(b, g); }
    static void                      put(block_type& b, int g, int s) { // s = -32 .. 31
        b.low[g / 2]  = std::uint8_t(b.low[g / 2] | ((s + 32) & 15) << 4 * (g % 2));
        b.high[g / 4] = std::uint8_t(b.high[g / 4] | (s + 32) >> 4 << 2 * (g % 4));
    }
    template <class V>
    static void encode(block_lanes<block_type, V> const& b) {
        search::code_book_scales<iq4_xs, 7, 32>(b);
    }
    template <class V>
    static void encode(block_lanes<block_type, V> const& b, importance_lanes<V> const& importance) {
        search::code_book_scales<iq4_xs, 7, 32>(b, importance.weights);
    }
};
static_assert(sizeof(iq4_xs::block_type) == 136);

} // namespace qeval
