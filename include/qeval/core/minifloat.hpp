// Floats of 4, 6 and 8 bits (OCP FP8 and MX specifications): codes <-> float.
#pragma once

#include <cstdint>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>

namespace qeval {

// What the largest exponent means.
enum class minifloat_specials {
    none,     // ordinary numbers (e2m1, e2m3, e3m2)
    nan_only, // all ones is NaN, no infinity (e4m3, "fn")
    ieee      // infinity and NaNs (e5m2)
};

// sign | Exponent bits | Mantissa bits, value = (-1)^s * 2^(max(e,1) - Bias) * (m / 2^M + [e > 0]).
template <int Exponent, int Mantissa, int Bias, minifloat_specials Specials>
struct minifloat {
    static constexpr int      bits = 1 + Exponent + Mantissa, mantissa = Mantissa, bias = Bias;
    static constexpr int      codes     = 1 << bits;
    static constexpr int      emax      = (1 << Exponent) - 1 - Bias - (Specials == minifloat_specials::ieee ? 1 : 0);
    static constexpr unsigned sign_bit  = 1u << (bits - 1);
    static constexpr unsigned first_nan = Specials == minifloat_specials::ieee
                                              ? (((1u << Exponent) - 1u) << Mantissa) + 1u
                                          : Specials == minifloat_specials::nan_only ? sign_bit - 1u
                                                                                     : sign_bit;
    static constexpr bool     has_infinity = Specials == minifloat_specials::ieee; // the code below the first NaN
    // The largest finite magnitude: the code below infinity or NaN.
    static constexpr unsigned max_code = Specials == minifloat_specials::ieee ? first_nan - 2u : first_nan - 1u;

    std::uint8_t code = 0;

    // Branch-free: the bits are placed in a binary32 and rescaled by a power of two, which also
    // normalises subnormals, exactly.
    QEVAL_HD static constexpr float value(unsigned c) {
        unsigned const mag  = c & (sign_bit - 1u);
        auto const     sign = std::uint32_t(c & sign_bit) << (32 - bits);
        float const    v =
            bit_cast<float>(std::uint32_t(mag) << (23 - Mantissa)) * bit_cast<float>(std::uint32_t(254 - Bias) << 23);
        auto out = bit_cast<std::uint32_t>(v);
        if constexpr (Specials == minifloat_specials::ieee) out = mag == first_nan - 1u ? 0x7f800000u : out;
        if constexpr (Specials != minifloat_specials::none) out = mag >= first_nan ? 0x7fc00000u : out;
        return bit_cast<float>(sign | out);
    }
    QEVAL_HD constexpr float to_float() const { return value(code); }

    // Rounds to nearest even and saturates at the largest finite value (infinity too); NaN becomes the format's
    // NaN where there is one, else the largest value.
    QEVAL_HD static constexpr minifloat from(float x) {
        auto const     u    = bit_cast<std::uint32_t>(x);
        auto const     sign = unsigned((u >> 31) << (bits - 1));
        std::uint32_t  mag  = u & 0x7fffffffu;
        constexpr auto top  = bit_cast<std::uint32_t>(value(max_code));
        if (mag > 0x7f800000u) return {std::uint8_t(sign | (first_nan < sign_bit ? sign_bit - 1u : max_code))};
        constexpr std::uint32_t min_normal = std::uint32_t(128 - Bias) << 23;
        if (mag < min_normal) { // a multiple of the smallest subnormal, found by adding a power of two whose ulp it is
            constexpr float magic = bit_cast<float>(std::uint32_t(128 - Bias - Mantissa + 23) << 23);
            float const     r     = bit_cast<float>(mag) + magic;
            return {std::uint8_t(sign | (bit_cast<std::uint32_t>(r) - bit_cast<std::uint32_t>(magic)))};
        }
        constexpr int drop = 23 - Mantissa;
        mag += (1u << (drop - 1)) - 1u + ((mag >> drop) & 1u);
        mag &= ~((1u << drop) - 1u);
        if (mag > top) mag = top;
        return {std::uint8_t(sign | ((mag >> drop) - (std::uint32_t(127 - Bias) << Mantissa)))};
    }
    friend constexpr bool operator==(minifloat, minifloat) = default;
};

using e4m3 = minifloat<4, 3, 7, minifloat_specials::nan_only>; // +-448
using e5m2 = minifloat<5, 2, 15, minifloat_specials::ieee>;    // +-57344
using e3m2 = minifloat<3, 2, 3, minifloat_specials::none>;     // +-28
using e2m3 = minifloat<2, 3, 1, minifloat_specials::none>;     // +-7.5
using e2m1 = minifloat<2, 1, 1, minifloat_specials::none>;     // 0 0.5 1 1.5 2 3 4 6

// A power of two: 2^(code - 127); 255 is NaN. The shared scale of the MX formats.
struct e8m0 {
    std::uint8_t code = 0;

    QEVAL_HD static constexpr float value(unsigned c) {
        if (c == 255u) return bit_cast<float>(0x7fc00000u);
        if (c == 0u) return bit_cast<float>(0x00400000u); // 2^-127, subnormal
        return bit_cast<float>(std::uint32_t(c) << 23);
    }
    QEVAL_HD constexpr float to_float() const { return value(code); }

    // floor(log2 |x|), clamped to the range; NaN stays NaN.
    QEVAL_HD static constexpr e8m0 from(float x) {
        std::uint32_t const mag = bit_cast<std::uint32_t>(x) & 0x7fffffffu;
        if (mag > 0x7f800000u) return {255};
        std::uint32_t const e = mag >> 23;
        return {std::uint8_t(e > 254u ? 254u : e)};
    }
    friend constexpr bool operator==(e8m0, e8m0) = default;
};

} // namespace qeval
