// ggml IQ1_S: w = d * (2 s[g] + 1) * (q + t[g]), q = -1, 0, 1, t = +-1/8, s = 0 .. 7; 256 weights, 8 groups of 32.
//   byte  0  d (f16)
//   byte  2  32 x bits 0-7 of the number of a point of 8 weights
//   byte 34  8 x u16 { 4 x bits 8-10 of a point, s at bit 12, bit 15: t is negative }
//                                                     50 bytes / 256 weights = 1.5625 bits
// Eight ternary weights take one of 2048 points; the shift lets a group lean to one side. llama.cpp refuses to encode
// without an importance matrix; here all weights count alike then.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/grid/grid_8_2048.hpp>
#include <qeval/format/grid_coded.hpp>
#include <qeval/format/ternary_split.hpp>

namespace qeval {

inline constexpr level_table iq1_levels({-0.875, 0.125, 1.125, 1.125, -1.125, -0.125, 0.875, 0.875}); // q +- 1/8

struct iq1_s : grid_coded<iq1_s, grid_8_2048, 32, levels<iq1_levels>> {
    static constexpr fixed_string  name    = "IQ1_S";
    static constexpr std::uint32_t gguf_id = 19;
    struct block_type {
        f16          d;
        std::uint8_t low[32], words[16];
    };

    QEVAL_HD static constexpr std::uint32_t word(auto const& b, int g) { return little_endian<2>(b.words + 2 * g); }

    QEVAL_HD static constexpr int point(auto const& b, int j) {
        return int(b.low[j] | (word(b, j / 4) >> j % 4 * 3 & 7) << 8);
    }
    QEVAL_HD static constexpr unsigned signs(auto const& b, int k) { return (word(b, k / 4) >> 15) * 255u; }

    QEVAL_HD static constexpr float scale(auto const& b, int g) {
        return b.d.to_float() * float(2 * (word(b, g) >> 12 & 7u) + 1);
    }
    static void put_point(auto& b, int j, int p) {
        b.low[j] = std::uint8_t(p & 255);
        or_little_endian<2>(b.words + j / 4 * 2, unsigned(p >> 8) << 3 * (j % 4));
    }
    static void put_shift(auto& b, int k) { or_little_endian<2>(b.words + k / 4 * 2, 1u << 15); }
    static void put_scale(auto& b, int g, int s) { or_little_endian<2>(b.words + 2 * g, unsigned(s) << 12); }
    static void search(float const* x, float const* importance, block_type& b) {
        float const* const weights = importance ? importance : search::equal_importance<block_size>.data();
        search::ternary_shifted_together<iq1_s>(x, weights, b);
    }
};
static_assert(sizeof(iq1_s::block_type) == 50);

} // namespace qeval
