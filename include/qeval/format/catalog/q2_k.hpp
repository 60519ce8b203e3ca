// ggml Q2_K: w = d * s[g] * q - dmin * m[g], q = 0 .. 3, s, m = 0 .. 15; 256 weights, 16 groups of 16.
//   byte  0  16 x { low nibble: s[g], high nibble: m[g] }
//   byte 16  64 x { bits 0-1: weight j, 2-3: j + 32, 4-5: j + 64, 6-7: j + 96 }, twice 128 weights
//   byte 80  d, dmin (f16)                            84 bytes / 256 weights = 2.625 bits
#pragma once

#include <qeval/format/search.hpp>
#include <qeval/format/format.hpp>
#include <qeval/format/parameters.hpp>

namespace qeval {

struct q2_k : coded<256, 16, integers<2>, packing::planes<packing::field<2, 32>>> {
    static constexpr fixed_string  name    = "Q2_K";
    static constexpr std::uint32_t gguf_id = 10;
    struct block_type {
        std::uint8_t scales[16], codes[64];
        f16          d, dmin;
    };
    QEVAL_HD static constexpr auto super_scale(auto const& b) { return b.number(f16{}, offsetof(block_type, d)); }
    QEVAL_HD static constexpr auto sub_scale(auto const& b, int g) { return b.byte(offsetof(block_type, scales), g) & 15; }
    QEVAL_HD static constexpr auto group_offset(auto const& b, int g) { return -(b.number(f16{}, offsetof(block_type, dmin)) * b.to_number(b.byte(offsetof(block_type, scales), g) >> 4)); }
    QEVAL_HD static constexpr affine group(block_type const& b, int g) { return group_of<q2_k>(b, g); }
    static void encode(std::span<float const, 256> w, block_type& b) {
        b = {};
        search::two_level<q2_k, 15>(w, b, [](std::span<float const> x, std::uint8_t* codes) {
            float weights[16];
            for (int i = 0; i < 16; ++i) weights[i] = std::fabs(x[std::size_t(i)]);
            return search::affine_line(x, weights, 3, {-0.5f, 0.1f, 15, true}, codes);
        }, [&b](int g, int s, int m) { b.scales[g] = std::uint8_t(s | m << 4); });
    }
};
static_assert(sizeof(q2_k::block_type) == 84);

} // namespace qeval
