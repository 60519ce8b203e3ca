// Two formats that no catalog has, so that a law cannot hold by special treatment: one from policies with uneven
// levels, one by hand with 40 weights in 10 bytes.
#pragma once

#include <cstdint>
#include <span>

#include <qeval/format.hpp>

namespace qeval_test {

namespace q = qeval;

// weight = scale * level[code]: sixteen levels, denser near zero; 64 weights + one bf16 = 34 bytes = 4.25 bits a
// weight.
inline constexpr q::level_table bell({-127, -96, -74, -57, -42, -29, -17, -6, 6, 17, 29, 42, 57, 74, 96, 127});

struct bell4 : q::format<"bell4", q::block<64>, q::levels<bell>, q::packing::split_nibbles, q::scale<q::bf16>> {};
static_assert(q::bits_per_weight<bell4> == 4.25);

// weight = scale * (digit - 1): five base-3 digits a byte, 2 bits a weight.
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

} // namespace qeval_test
