// ggml Q5_K: w = d * s[g] * q - dmin * m[g], q = 0 .. 31, s, m = 0 .. 63; 256 weights, 8 groups of 32.
//   byte  0  d, dmin (f16)
//   byte  4  12 bytes of s and m, see six_bit_pairs.hpp
//   byte 16   32 x { bit k: bit 4 of weight j + 32 k }
//   byte 48  128 x { low nibble: weight j, high nibble: weight j + 32 }, 32 bytes for each 64 weights
//                                                     176 bytes / 256 weights = 5.5 bits
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/parameters.hpp>
#include <qeval/format/six_bit_pairs.hpp>
#include <qeval/format/super_block.hpp>

namespace qeval {

struct q5_k : coded<256, 32, integers<5>, packing::planes<packing::field<1, 32, 4>, packing::field<4, 32>>> {
    static constexpr fixed_string  name    = "Q5_K";
    static constexpr std::uint32_t gguf_id = 13;
    struct block_type {
        f16           d, dmin;
        six_bit_pairs scales;
        std::uint8_t  codes[160];
    };
    QEVAL_HD static constexpr auto group_scale(auto const& b, int g) {
        return b.number(f16{}, offsetof(block_type, d)) *
               b.to_number(six_bit_pairs::first(b, offsetof(block_type, scales), g));
    }
    QEVAL_HD static constexpr auto group_offset(auto const& b, int g) {
        return -(b.number(f16{}, offsetof(block_type, dmin)) *
                 b.to_number(six_bit_pairs::second(b, offsetof(block_type, scales), g)));
    }
    QEVAL_HD static constexpr affine group(block_type const& b, int g) { return group_of<q5_k>(b, g); }
    static void                      put(block_type& b, int g, int s, int m) { b.scales.put(g, s, m); }

    template <class V>
    static void encode(block_lanes<block_type, V> const& b) {
        search::scales_and_minimums<q5_k, 63, search::by_magnitude_and_rms>(b, {-0.5f, 0.1f, 15});
    }
    template <class V>
    static void encode(block_lanes<block_type, V> const& b, importance_lanes<V> const& importance) {
        search::weighted_scales_and_minimums<q5_k, 63>(b, importance, 2);
    }
};
static_assert(sizeof(q5_k::block_type) == 176);

} // namespace qeval
