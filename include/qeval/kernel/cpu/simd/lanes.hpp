// Sixteen lanes of float or int32, one for each output row of a panel; the only header that includes xsimd.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>

// GCC 12 takes the deliberately undefined operands inside its own AVX-512 intrinsics for mistakes (bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#    pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#if defined(__AVX2__) || defined(__AVX512F__)
#    include <immintrin.h>
#endif
#include <xsimd/xsimd.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#    pragma GCC diagnostic pop
#endif

#include <qeval/core/macros.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

template <class T>
struct lanes16 {
    using batch                = xsimd::batch<T>;
    static constexpr int width = static_cast<int>(batch::size);
    static constexpr int count = 16 / width;
    static_assert(count * width == 16 && count <= 4,
                  "qeval: a panel is 16 rows; registers wider than 512 bits need a layout of their own");
    batch v[count];

    static QEVAL_INLINE lanes16 load(T const* p) {
        lanes16 r;
        QEVAL_UNROLL
        for (int i = 0; i < count; ++i) r.v[i] = batch::load_unaligned(p + i * width);
        return r;
    }
    static QEVAL_INLINE lanes16 all(T x) {
        lanes16 r;
        QEVAL_UNROLL
        for (int i = 0; i < count; ++i) r.v[i] = batch(x);
        return r;
    }
    QEVAL_INLINE void store(T* p) const {
        QEVAL_UNROLL
        for (int i = 0; i < count; ++i) v[i].store_unaligned(p + i * width);
    }
};
using f32x16 = lanes16<float>;
using i32x16 = lanes16<std::int32_t>; // also 16 x 4 bytes: four consecutive depths of 16 rows

// Applies f register by register. (Written out: every layer that must be inlined is paid for at each of thousands of
// uses.)
template <class R, class F, class A, class... Rest>
QEVAL_INLINE R lanewise(F const& f, A const& a, Rest const&... rest) {
    if constexpr (A::count == 1) {
        return {{f(a.v[0], rest.v[0]...)}};
    } else if constexpr (A::count == 2) {
        return {{f(a.v[0], rest.v[0]...), f(a.v[1], rest.v[1]...)}};
    } else {
        return {{f(a.v[0], rest.v[0]...), f(a.v[1], rest.v[1]...), f(a.v[2], rest.v[2]...), f(a.v[3], rest.v[3]...)}};
    }
}
QEVAL_INLINE f32x16 operator+(f32x16 const& a, f32x16 const& b) { return lanewise<f32x16>(std::plus{}, a, b); }
QEVAL_INLINE f32x16 operator-(f32x16 const& a, f32x16 const& b) { return lanewise<f32x16>(std::minus{}, a, b); }
QEVAL_INLINE f32x16 operator*(f32x16 const& a, f32x16 const& b) { return lanewise<f32x16>(std::multiplies{}, a, b); }
QEVAL_INLINE i32x16 operator*(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>(std::multiplies{}, a, b); }
QEVAL_INLINE i32x16 operator+(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>(std::plus{}, a, b); }
QEVAL_INLINE i32x16 operator-(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>(std::minus{}, a, b); }
QEVAL_INLINE i32x16 operator&(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>(std::bit_and{}, a, b); }
QEVAL_INLINE i32x16 operator|(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>(std::bit_or{}, a, b); }
QEVAL_INLINE i32x16 operator^(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>(std::bit_xor{}, a, b); }
QEVAL_INLINE i32x16 operator-(i32x16 const& a, int b) { return a - i32x16::all(b); }
QEVAL_INLINE i32x16 operator&(i32x16 const& a, int b) { return a & i32x16::all(b); }
QEVAL_INLINE i32x16 operator^(i32x16 const& a, int b) { return a ^ i32x16::all(b); }
QEVAL_INLINE i32x16 operator<<(i32x16 const& a, int n) {
    return lanewise<i32x16>([n](auto x) { return x << n; }, a);
}
QEVAL_INLINE i32x16 operator>>(i32x16 const& a, int n) {
    return lanewise<i32x16>([n](auto x) { return x >> n; }, a);
} // arithmetic

// A lane as four bytes, in the expressions of packings (core/bits.hpp).
QEVAL_INLINE i32x16 lane_mask(int bits, i32x16 const*) {
    return i32x16::all(static_cast<std::int32_t>(((1u << bits) - 1u) * 0x01010101u));
}

QEVAL_INLINE i32x16 as_bits(f32x16 const& x) {
    return lanewise<i32x16>([](auto v) { return xsimd::bitwise_cast<xsimd::batch<std::int32_t>>(v); }, x);
}
QEVAL_INLINE f32x16 as_floats(i32x16 const& bits) {
    return lanewise<f32x16>([](auto x) { return xsimd::bitwise_cast<xsimd::batch<float>>(x); }, bits);
}
QEVAL_INLINE f32x16 operator-(f32x16 const& a) {
    return as_floats(as_bits(a) ^ std::numeric_limits<std::int32_t>::min());
} // of 0, too: -0

// Whether multiply_add rounds once.
#if defined(__FMA__) || defined(__AVX512F__) || defined(__ARM_FEATURE_FMA)
inline constexpr bool fused_multiply_add = true;
#else
inline constexpr bool fused_multiply_add = false;
#endif
// a * b + c, rounded once where there is an instruction for it (xsimd 8.1 has none for AVX-512).
QEVAL_INLINE f32x16::batch multiply_add(f32x16::batch const& a, f32x16::batch const& b, f32x16::batch const& c) {
#if defined(__AVX512F__)
    return _mm512_fmadd_ps(a, b, c);
#elif defined(__AVX2__) && defined(__FMA__)
    return _mm256_fmadd_ps(a, b, c);
#else
    return xsimd::fma(a, b, c);
#endif
}
QEVAL_INLINE f32x16 multiply_add(f32x16 const& a, f32x16 const& b, f32x16 const& c) {
    f32x16 r;
    QEVAL_UNROLL
    for (int i = 0; i < f32x16::count; ++i) r.v[i] = multiply_add(a.v[i], b.v[i], c.v[i]);
    return r;
}
// Register Part of the sixteen lanes, for kernels that have more sums under way than registers: they take one part of
// all after the other. What is computed for the other parts and never used costs nothing.
template <int Part, class T>
QEVAL_INLINE void store_part(lanes16<T> const& x, T* p) {
    x.v[Part].store_unaligned(p + Part * lanes16<T>::width);
}
QEVAL_INLINE f32x16 to_float(i32x16 const& a) {
    return lanewise<f32x16>([](auto x) { return xsimd::to_float(x); }, a);
}
QEVAL_INLINE i32x16 to_integer(f32x16 const& a) {
    return lanewise<i32x16>([](auto x) { return xsimd::to_int(x); }, a);
}
} // namespace QEVAL_ISA
} // namespace qeval::cpu
