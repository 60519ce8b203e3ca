// An unsigned e4m3 as ggml reads and rounds it: the scales of its NVFP4 blocks. Bit 7 is ignored.
#pragma once

#include <cstdint>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>

namespace qeval {

// 0 | 4 exponent, 3 mantissa bits, bias 7. Origin: ggml-impl.h, ggml_ue4m3_to_fp32 (which halves, for doubled levels)
// and ggml_fp32_to_ue4m3.
struct ue4m3 {
    std::uint8_t code = 0;

    QEVAL_HD static constexpr float value(unsigned c) {
        if (c == 0x7fu) return 0;                                          // NaN elsewhere
        return bit_cast<float>(std::uint32_t(c & 0x7fu) << 20) * 0x1p120f; // exact, subnormals too
    }
    QEVAL_HD constexpr float to_float() const { return value(code); }

    // Rounds to nearest, halves up; 256 and more is 448, and no subnormal rounds up to the smallest normal.
    QEVAL_HD static constexpr ue4m3 from(float x) {
        if (!(x > 0)) return {0};
        if (x < 0x1p-6f) {
            int const steps = static_cast<int>(x * 512 + 0.5f);
            return {static_cast<std::uint8_t>(steps < 7 ? steps : 7)};
        }
        std::uint32_t const rounded = (bit_cast<std::uint32_t>(x) + 0x80000u) >> 20;
        return {static_cast<std::uint8_t>(rounded < (135u << 3) ? rounded - (120u << 3) : 0x7eu)};
    }
    friend constexpr bool operator==(ue4m3, ue4m3) = default;
};

} // namespace qeval
