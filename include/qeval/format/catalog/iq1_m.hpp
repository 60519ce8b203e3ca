// ggml IQ1_M: w = d * (2 s[g] + 1) * (q + t), q = -1, 0, 1, t = +-1/8 for each 8 weights, s = 0 .. 7; 16 groups of 16.
//   byte  0  32 x bits 0-7 of the number of a point of 8 weights
//   byte 32  16 x { bits 0-2: bits 8-10 of point 2 j, bit 3: its t is negative, bits 4-7: the same of point 2 j + 1 }
//   byte 48  4 x u16 { 4 x s at bits 0, 3, 6, 9; the four bits of d (f16) from bit 4 j on, at bit 12 }
//                                                     56 bytes / 256 weights = 1.75 bits
// IQ1_S with twice the scales and four times the shifts; the same holds for importance.
#pragma once

#include <qeval/format/catalog/iq1_s.hpp>

namespace qeval {

struct iq1_m : grid_coded<iq1_m, grid_8_2048, 16, levels<iq1_levels>> {
    static constexpr fixed_string  name    = "IQ1_M";
    static constexpr std::uint32_t gguf_id = 29;
    struct block_type {
        std::uint8_t points[48], scales[8];
    };

    using twelve = packing::planes<packing::field<8, 1>, packing::field<4, 1, 8>>;
    QEVAL_HD static constexpr std::uint32_t word(auto const& b, int k) { return little_endian<2>(b.scales + 2 * k); }
    QEVAL_HD static constexpr int point(auto const& b, int j) { return int(twelve::code(b.points, j, 32) & 2047u); }
    QEVAL_HD static constexpr unsigned signs(auto const& b, int k) {
        return (twelve::code(b.points, k, 32) >> 11) * 255u;
    }
    QEVAL_HD static constexpr float scale(auto const& b, int g) {
        std::uint32_t d = 0;
        for (int k = 0; k < 4; ++k) d |= word(b, k) >> 12 << 4 * k;
        return f16{std::uint16_t(d)}.to_float() * step(b, g);
    }
    QEVAL_HD static constexpr float step(auto const& b, int g) {
        return float(2 * (word(b, g / 4) >> g % 4 * 3 & 7) + 1);
    }
    static void put_point(auto& b, int j, int p) { twelve::put(b.points, j, 32, unsigned(p)); }
    static void put_shift(auto& b, int k) { twelve::put(b.points, k, 32, 2048); }
    static void put_scale(auto& b, int g, int s) {
        or_little_endian<2>(b.scales + g / 4 * 2, unsigned(s) << 3 * (g % 4));
    }
    static void put_d(auto& b, f16 d) {
        for (int k = 0; k < 4; ++k) or_little_endian<2>(b.scales + 2 * k, (d.bits >> 4 * k & 15u) << 12);
    }
    static void search(float const* x, float const* importance, block_type& b) {
        float const* const weights = importance ? importance : search::equal_importance<block_size>.data();
        search::ternary_shifted_apart<iq1_m>(x, weights, b);
    }
};
static_assert(sizeof(iq1_m::block_type) == 56);

} // namespace qeval
