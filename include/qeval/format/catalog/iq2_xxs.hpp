// ggml IQ2_XXS: w = d * (s[g] + 1/2) / 4 * q, q = +-8, 25, 43, s = 0 .. 15; 256 weights, 8 groups of 32.
//   byte  0  d (f16)
//   byte  2  8 x { 4 x number of a point of 8 weights, u32: 4 x 7 sign bits, s at bit 28 }
//                                                     66 bytes / 256 weights = 2.0625 bits
// Eight weights take one of 256 points and seven signs, an eighth sign makes the minus signs even: two bits a weight
// reach three magnitudes. llama.cpp refuses to encode without an importance matrix; here all weights count alike then.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/grid/grid_8_256.hpp>
#include <qeval/format/grid_search.hpp>
#include <qeval/format/grid_signs.hpp>

namespace qeval {

inline constexpr level_table iq2_levels({8, 25, 43, 43, -8, -25, -43, -43});

struct iq2_xxs : grid_with_even_signs<iq2_xxs, grid_8_256, levels<iq2_levels>> {
    static constexpr fixed_string  name    = "IQ2_XXS";
    static constexpr std::uint32_t gguf_id = 16;
    struct block_type {
        f16          d;
        std::uint8_t codes[64];
    };

    static constexpr float         step = 0.25f;
    QEVAL_HD static constexpr auto word_at(auto& b, int g) { return b.codes + 8 * g + 4; }
    QEVAL_HD static constexpr int  point(auto const& b, int j) { return b.codes[j / 4 * 8 + j % 4]; }
    static void                    put_point(auto& b, int j, int p) { b.codes[j / 4 * 8 + j % 4] = std::uint8_t(p); }

    static constexpr search::grid_trials trials{6, 0.1f, 1e-15f, true, search::reround::all, 1, 0, 1, true};

    static void search(float const* x, float const* importance, block_type& b) {
        float const* const weights = importance ? importance : search::equal_importance<block_size>.data();
        search::on_grid<iq2_xxs, 2>(x, weights, trials, b);
    }
};
static_assert(sizeof(iq2_xxs::block_type) == 66);

} // namespace qeval
