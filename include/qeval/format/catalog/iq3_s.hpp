// ggml IQ3_S: w = d * (2 s[g] + 1) * q, q = +-1, 3, 5, .. 15, s = 0 .. 15; 256 weights, 8 groups of 32.
//   byte   0  d (f16)
//   byte   2  64 x bits 0-7 of the number of a point of 4 weights, 8 x { bit 8 of eight points }
//   byte  74  32 x 8 sign bits
//   byte 106  4 x { low nibble: s[2 j], high nibble: s[2 j + 1] }      110 bytes / 256 weights = 3.4375 bits
// IQ3_XXS with twice the points and all the signs, in the space of Q3_K.
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/grid/grid_4_512.hpp>
#include <qeval/format/grid_search.hpp>
#include <qeval/format/grid_signs.hpp>

namespace qeval {

inline constexpr level_table iq3_s_levels({1, 3, 5, 7, 9, 11, 13, 15, -1, -3, -5, -7, -9, -11, -13, -15});

struct iq3_s : grid_with_all_signs<iq3_s, grid_4_512, 32, levels<iq3_s_levels>, 1> {
    static constexpr fixed_string  name    = "IQ3_S";
    static constexpr std::uint32_t gguf_id = 21;
    struct block_type {
        f16          d;
        std::uint8_t low[64], high[8], sign_bits[32], scales[4];
    };

    QEVAL_HD static constexpr float scale(auto const& b, int g) {
        return b.d.to_float() * float(1 + 2 * nibble(b.scales, g));
    }

    static constexpr search::grid_trials trials{9, 0.2f, 0x1p-149f, false, search::reround::all_if_any_beside,
                                                2, 0,    1.033f};

    static void search(float const* x, float const* importance, block_type& b) {
        search::on_grid<iq3_s, 3>(x, importance, trials, b);
        search::close_gaps<32, 8, 8>(x, b.low), search::close_gaps<32, 4, 8>(x, b.sign_bits);
    }
};
static_assert(sizeof(iq3_s::block_type) == 110);

} // namespace qeval
