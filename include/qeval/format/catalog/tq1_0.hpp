// ggml TQ1_0: w = d * (q - 1), q = 0 .. 2, 256 weights a block, five base-3 digits a byte.
//   byte  0  32 x { weights j, j + 32, .. j + 128 }, 16 x { 160 + j, + 16, .. + 64 },
//            4 x { 240 + j, + 4, + 8, + 12, 0 }
//   byte 52  d (f16)                                  54 bytes / 256 weights = 1.6875 bits
// A byte is 256 / 243 of the number that its digits make, rounded up: times 3^k modulo 256 it is a fraction of 256 that
// starts with digit k, so that decoding divides by nothing. For models trained with ternary weights (BitNet, TriLM).
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/policy/ternary.hpp>

namespace qeval {

struct tq1_0 {
    static constexpr fixed_string  name       = "TQ1_0";
    static constexpr std::uint32_t gguf_id    = 34;
    static constexpr int           block_size = 256;
    struct block_type {
        std::uint8_t codes[52];
        f16          d;
    };

    QEVAL_HD static constexpr int byte_of(int i) { return i < 160 ? i % 32 : i < 240 ? 32 + i % 16 : 48 + i % 4; }
    QEVAL_HD static constexpr int digit_of(int i) {
        return i < 160 ? i / 32 : i < 240 ? (i - 160) / 16 : (i - 240) / 4;
    }
    QEVAL_HD static constexpr unsigned power(int k) { return unsigned(0x511b090301u >> 8 * k) & 255u; } // 3^k

    using levels_type = integers<2, 1>;
    QEVAL_HD static constexpr unsigned code(block_type const& b, int i) {
        return (b.codes[byte_of(i)] * power(digit_of(i)) & 255u) * 3u >> 8;
    }
    QEVAL_HD static constexpr float  level(unsigned c) { return levels_type::value(c); }
    QEVAL_HD static constexpr affine group(block_type const& b, int) { return {b.d.to_float()}; }

    static void encode(std::span<float const, 256> w, block_type& b) {
        affine const measured    = fit::ternary::measure<levels_type>(w);
        auto const   code_of     = fit::ternary::encoder<levels_type>(measured, measured);
        unsigned     numbers[52] = {};
        for (int i = 0; i < 256; ++i)
            numbers[byte_of(i)] += to_byte(code_of(w[std::size_t(i)])) * power(4 - digit_of(i));
        for (int k = 0; k < 52; ++k) b.codes[k] = std::uint8_t((256 * numbers[k] + 242) / 243);
        b.d = f16::from(measured.scale);
    }
};
static_assert(sizeof(tq1_0::block_type) == 54);

} // namespace qeval
