// ggml IQ2_S: w = d * (s[g] + 1/2) / 4 * q, q = +-8, 25, 43, s = 0 .. 15; 256 weights, 16 groups of 16.
//   byte  0  d (f16)
//   byte  2  32 x bits 0-7 of the number of a point of 8 weights
//   byte 34  32 x 8 sign bits
//   byte 66  8 x { bits 8-9 of four points }
//   byte 74  8 x { low nibble: s[2 j], high nibble: s[2 j + 1] }      82 bytes / 256 weights = 2.5625 bits
// IQ2_XS with twice the points and all the signs: an importance matrix helps, but is not needed.
#pragma once

#include <qeval/format/catalog/iq2_xxs.hpp>
#include <qeval/format/grid/grid_8_1024.hpp>

namespace qeval {

struct iq2_s : grid_with_all_signs<iq2_s, grid_8_1024, 16, levels<iq2_levels>, 2> {
    static constexpr fixed_string  name    = "IQ2_S";
    static constexpr std::uint32_t gguf_id = 22;
    struct block_type {
        f16          d;
        std::uint8_t low[32], sign_bits[32], high[8], scales[8];
    };

    QEVAL_HD static constexpr float scale(auto const& b, int g) {
        return b.d.to_float() * (0.5f + float(nibble(b.scales, g))) * 0.25f;
    }

    static constexpr search::grid_trials trials{9, 0.1f, 1e-8f, false, search::reround::beside_grid, 2, 0.25f, 0.9875f};

    static void search(float const* x, float const* importance, block_type& b) {
        search::on_grid<iq2_s, 1>(x, importance, trials, b);
    }
};
static_assert(sizeof(iq2_s::block_type) == 82);

} // namespace qeval
