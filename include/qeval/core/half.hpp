// Floats as storage: f16 (IEEE binary16), bf16 (the upper half of a binary32), and f32, whose bytes compare as bytes.
#pragma once

#include <cstdint>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>

namespace qeval {

// 1 sign, 5 exponent, 10 fraction bits. Conversions round to nearest even, keep subnormals, overflow to infinity
// and quiet NaNs: bit for bit what F16C instructions do.
struct f16 {
    std::uint16_t bits = 0;

    QEVAL_HD static constexpr f16 from(float x) {
        auto const          u    = bit_cast<std::uint32_t>(x);
        std::uint32_t const sign = (u >> 16) & 0x8000u;
        std::uint32_t const mag  = u & 0x7fffffffu;
        if (mag > 0x7f800000u) return {std::uint16_t(sign | 0x7e00u | ((mag >> 13) & 0x3ffu))}; // NaN
        if (mag >= 0x477ff000u) return {std::uint16_t(sign | 0x7c00u)};                         // >= 65520: infinity
        if (mag < 0x38800000u) { // subnormal half: adding 0.5f leaves the rounded multiple of 2^-24 in the low bits
            float const shifted = bit_cast<float>(mag) + 0.5f;
            return {std::uint16_t(sign | (bit_cast<std::uint32_t>(shifted) - 0x3f000000u))};
        }
        std::uint32_t const odd = (mag >> 13) & 1u;
        return {std::uint16_t(sign | ((mag - 0x38000000u + 0xfffu + odd) >> 13))};
    }
    QEVAL_HD constexpr float to_float() const {
        std::uint32_t const sign = std::uint32_t(bits & 0x8000u) << 16;
        std::uint32_t const mag  = bits & 0x7fffu;
        if (mag >= 0x7c00u)
            return bit_cast<float>(sign | 0x7f800000u | ((mag & 0x3ffu) << 13) | ((mag & 0x3ffu) ? 0x400000u : 0u));
        if (mag < 0x0400u) { // zero or subnormal: mag * 2^-24 is exact
            float const v = float(mag) * 0x1p-24f;
            return bit_cast<float>(sign | bit_cast<std::uint32_t>(v));
        }
        return bit_cast<float>(sign | ((mag << 13) + 0x38000000u));
    }
    friend constexpr bool operator==(f16, f16) = default;
};

// 1 sign, 8 exponent, 7 fraction bits. Rounds to nearest even; NaN stays NaN, quieted.
struct bf16 {
    std::uint16_t bits = 0;

    QEVAL_HD static constexpr bf16 from(float x) {
        auto const u = bit_cast<std::uint32_t>(x);
        if ((u & 0x7fffffffu) > 0x7f800000u) return {std::uint16_t((u >> 16) | 0x40u)};
        return {std::uint16_t((u + 0x7fffu + ((u >> 16) & 1u)) >> 16)};
    }
    QEVAL_HD constexpr float to_float() const { return bit_cast<float>(std::uint32_t(bits) << 16); }
    friend constexpr bool    operator==(bf16, bf16) = default;
};

// A binary32 as its bit pattern, so that a block holding it can be proved free of padding.
struct f32 {
    std::uint32_t bits = 0;

    QEVAL_HD static constexpr f32 from(float x) { return {bit_cast<std::uint32_t>(x)}; }
    QEVAL_HD constexpr float      to_float() const { return bit_cast<float>(bits); }
    friend constexpr bool         operator==(f32, f32) = default;
};

// The value of a stored number, whatever its type.
QEVAL_HD constexpr float value_of(float x) { return x; }
QEVAL_HD constexpr float value_of(std::int8_t x) { return float(x); }
QEVAL_HD constexpr float value_of(std::uint8_t x) { return float(x); }
template <class T>
QEVAL_HD constexpr float value_of(T x) requires requires {
    x.to_float();
}
{ return x.to_float(); }

// The nearest stored number of type T.
template <class T>
QEVAL_HD constexpr T store_as(float x) {
    if constexpr (requires { T::from(x); }) {
        return T::from(x);
    } else {
        static_assert(__is_same(T, float), "qeval: store_as<T> needs T::from(float)");
        return x;
    }
}

} // namespace qeval
