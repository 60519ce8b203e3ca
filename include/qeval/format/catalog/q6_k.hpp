// ggml Q6_K: w = d * s[g] * (q - 32), q = 0 .. 63, s = -128 .. 127; 256 weights, 16 groups of 16.
//   byte   0  128 x { low nibble: bits 0-3 of weight j, high nibble: of j + 64 }, 64 bytes for each 128 weights
//   byte 128   64 x { bits 4-5 of weights j, j + 32, j + 64, j + 96 }, 32 bytes for each 128 weights
//   byte 192   16 x s (int8)
//   byte 208  d (f16)                                 210 bytes / 256 weights = 6.5625 bits
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/parameters.hpp>
#include <qeval/format/super_block.hpp>

namespace qeval {

struct q6_k : coded<256, 16, integers<6, 32>, packing::planes<packing::field<4, 64>, packing::field<2, 32, 4>>> {
    static constexpr fixed_string  name    = "Q6_K";
    static constexpr std::uint32_t gguf_id = 14;
    struct block_type {
        std::uint8_t codes[192];
        std::int8_t  scales[16];
        f16          d;
    };
    QEVAL_HD static constexpr auto group_scale(auto const& b, int g) {
        return b.number(f16{}, offsetof(block_type, d)) *
               b.to_number((b.byte(offsetof(block_type, scales), g) ^ 128) - 128);
    }
    QEVAL_HD static constexpr affine group(block_type const& b, int g) { return group_of<q6_k>(b, g); }

    static void put(block_type& b, int g, int s) { b.scales[g] = std::int8_t(s); }

    template <class V>
    static void encode(block_lanes<block_type, V> const& b) {
        search::signed_scales<q6_k, 128>(b, search::zero_below, search::symmetric<V>);
    }
    template <class V>
    static void encode(block_lanes<block_type, V> const& b, importance_lanes<V> const& importance) {
        search::signed_scales<q6_k, 128>(b, search::zero_below, search::symmetric<V>, importance.weights);
    }
};
static_assert(sizeof(q6_k::block_type) == 210);

} // namespace qeval
