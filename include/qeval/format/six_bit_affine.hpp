// The part that ggml's Q4_K and Q5_K share: eight groups of 32 weights, scales and minimums of six bits under d and
// dmin.
#pragma once

#include <cstddef>
#include <cstdint>

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/format/affine.hpp>
#include <qeval/format/block_lanes.hpp>
#include <qeval/format/coded.hpp>
#include <qeval/format/parameters.hpp>
#include <qeval/format/six_bit_pairs.hpp>
#include <qeval/format/super_block.hpp>

namespace qeval {

// w = d * s[g] * q - dmin * m[g], q of so many bits. F adds name and `trials`, the scales that its search tries.
template <class F, int Bits, packing_policy Packing>
struct six_bit_affine : coded<256, 32, integers<Bits>, Packing> {
    struct block_type {
        f16           d, dmin;
        six_bit_pairs scales;
        std::uint8_t  codes[32 * Bits];
    };
    QEVAL_HD static constexpr auto group_scale(auto const& b, int g) {
        return b.number(f16{}, offsetof(block_type, d)) *
               b.to_number(six_bit_pairs::first(b, offsetof(block_type, scales), g));
    }
    QEVAL_HD static constexpr auto group_offset(auto const& b, int g) {
        return -(b.number(f16{}, offsetof(block_type, dmin)) *
                 b.to_number(six_bit_pairs::second(b, offsetof(block_type, scales), g)));
    }
    QEVAL_HD static constexpr affine group(block_type const& b, int g) { return group_of<F>(b, g); }
    static void                      put(block_type& b, int g, int s, int m) { b.scales.put(g, s, m); }

    template <class V>
    static void encode(block_lanes<block_type, V> const& b) {
        search::scales_and_minimums<F, 63, search::by_magnitude_and_rms>(b, F::trials);
    }
    template <class V>
    static void encode(block_lanes<block_type, V> const& b, importance_lanes<V> const& importance) {
        search::weighted_scales_and_minimums<F, 63>(b, importance, 2);
    }
};

} // namespace qeval
