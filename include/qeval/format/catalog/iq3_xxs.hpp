// ggml IQ3_XXS: w = d * (s[g] + 1/2) / 2 * q, q = +-4, 12, 20, 28, 36, 44, 52, 62, s = 0 .. 15; 8 groups of 32.
//   byte  0  d (f16)
//   byte  2  64 x number of a point of 4 weights
//   byte 66  8 x u32 { 4 x 7 sign bits, s at bit 28 }      98 bytes / 256 weights = 3.0625 bits
// Four weights take one of 256 points of eight magnitudes, eight weights seven signs as in IQ2_XXS.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/grid/grid_4_256.hpp>
#include <qeval/format/grid_search.hpp>
#include <qeval/format/grid_signs.hpp>

namespace qeval {

inline constexpr level_table iq3_xxs_levels({4, 12, 20, 28, 36, 44, 52, 62, -4, -12, -20, -28, -36, -44, -52, -62});

struct iq3_xxs : grid_with_even_signs<iq3_xxs, grid_4_256, levels<iq3_xxs_levels>> {
    static constexpr fixed_string  name    = "IQ3_XXS";
    static constexpr std::uint32_t gguf_id = 18;
    struct block_type {
        f16          d;
        std::uint8_t codes[64], words[32];
    };

    static constexpr float         step = 0.5f;
    QEVAL_HD static constexpr auto word_at(auto& b, int g) { return b.words + 4 * g; }
    QEVAL_HD static constexpr int  point(auto const& b, int j) { return b.codes[j]; }
    static void                    put_point(auto& b, int j, int p) { b.codes[j] = std::uint8_t(p); }

    static constexpr search::grid_trials trials{15, 0.2f, 1e-8f, true, search::reround::beside_grid, 2, 0, 1.0125f};

    static void search(float const* x, float const* importance, block_type& b) {
        search::on_grid<iq3_xxs, 2>(x, importance, trials, b);
    }
};
static_assert(sizeof(iq3_xxs::block_type) == 98);

} // namespace qeval
