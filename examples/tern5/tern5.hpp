// A format by hand, where no packing policy fits: five base-3 digits a byte, 40 weights in 10 bytes = 2 bits a weight.
#pragma once

#include <qeval/format.hpp>

// [format]
namespace q = qeval;

struct tern5 {
    static constexpr auto name       = "tern5";
    static constexpr int  block_size = 40;
    struct block_type {
        q::bf16      scale;
        std::uint8_t digits[8];
    };

    QEVAL_HD static constexpr float decode(block_type const& b, int i) {
        int d = b.digits[i / 5];
        for (int k = i % 5; k > 0; --k) d /= 3;
        return b.scale.to_float() * float(d % 3 - 1);
    }
    static constexpr void encode(std::span<float const, block_size> w, block_type& b) {
        b             = {q::bf16::from(q::max_abs(w)), {}};
        float const h = 0.5f * b.scale.to_float();
        for (int i = block_size - 1; i >= 0; --i) {
            float const x   = w[std::size_t(i)];
            b.digits[i / 5] = std::uint8_t(3 * b.digits[i / 5] + (x > h ? 2 : x < -h ? 0 : 1));
        }
    }
};
static_assert(q::quant_format<tern5> && q::bits_per_weight<tern5> == 2);
// [/format]
