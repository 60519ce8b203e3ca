// ggml IQ2_XS: w = d * (s[g] + 1/2) / 4 * q, q = +-8, 25, 43, s = 0 .. 15; 256 weights, 16 groups of 16.
//   byte  0  d (f16)
//   byte  2  32 x u16 { bits 0-8: number of a point of 8 weights, bits 9-15: 7 sign bits }
//   byte 66  8 x { low nibble: s[2 j], high nibble: s[2 j + 1] }      74 bytes / 256 weights = 2.3125 bits
// IQ2_XXS with twice the points and twice the scales; the same holds for importance.
#pragma once

#include <qeval/format/catalog/iq2_xxs.hpp>
#include <qeval/format/grid/grid_8_512.hpp>

namespace qeval {

struct iq2_xs : grid_coded<iq2_xs, grid_8_512, 16, levels<iq2_levels>> {
    static constexpr fixed_string  name    = "IQ2_XS";
    static constexpr std::uint32_t gguf_id = 17;
    struct block_type {
        f16          d;
        std::uint8_t codes[64], scales[8];
    };

    QEVAL_HD static constexpr int point(auto const& b, int j) { return int(little_endian<2>(b.codes + 2 * j) & 511u); }
    QEVAL_HD static constexpr unsigned signs(auto const& b, int k) { return even_signs(b.codes[2 * k + 1] >> 1); }

    QEVAL_HD static constexpr float scale(auto const& b, int g) {
        return b.d.to_float() * (0.5f + float(nibble(b.scales, g))) * 0.25f;
    }
    static void put_point(auto& b, int j, int p) { or_little_endian<2>(b.codes + 2 * j, unsigned(p)); }
    static void put_signs(auto& b, int k, unsigned s) { or_little_endian<2>(b.codes + 2 * k, s << 9); }
    static void put_scale(auto& b, int g, int s) { put_nibble(b.scales, g, s); }

    static constexpr search::grid_trials trials{9, 0.1f, 1e-15f, true, search::reround::beside_grid, 1, 0, 1};

    static void search(float const* x, float const* importance, block_type& b) {
        float const* const weights = importance ? importance : search::equal_importance<block_size>.data();
        search::on_grid<iq2_xs, 2>(x, weights, trials, b);
    }
};
static_assert(sizeof(iq2_xs::block_type) == 74);

} // namespace qeval
