// ggml Q8_1: w = d * q, q = -127 .. 127, 32 weights a block, with the sum of the block.
//   byte  0  d (f16)
//   byte  2  d * (sum of q) (f16)
//   byte  4  32 x int8             36 bytes / 32 weights = 9 bits
// Activations for weights with a minimum (Q4_1, Q5_1): the sum times the minimum is their share. Not a type for files.
#pragma once

#include <qeval/format/format.hpp>

namespace qeval {

struct q8_1 : coded<32, 32, twos_complement<8>, packing::bytes> {
    static constexpr fixed_string name = "Q8_1";
    struct block_type {
        f16          d, sum;
        std::uint8_t codes[32];
    };
    QEVAL_HD static constexpr auto group_scale(auto const& b, int) { return b.number(f16{}, offsetof(block_type, d)); }
    QEVAL_HD static constexpr affine group(block_type const& b, int g) { return group_of<q8_1>(b, g); }

    static void encode(std::span<float const, 32> w, block_type& b) {
        affine const measured = fit::absmax_round_away::measure<levels_type>(w);
        auto const   code     = fit::absmax_round_away::encoder<levels_type>(measured, measured);
        float        sum      = 0; // of integers: exact
        for (int i = 0; i < 32; ++i) {
            b.codes[i] = to_byte(code(w[std::size_t(i)]));
            sum += level(b.codes[i]);
        }
        b.d   = f16::from(measured.scale);
        b.sum = f16::from(sum * measured.scale);
    }
};
static_assert(sizeof(q8_1::block_type) == 36);

} // namespace qeval
