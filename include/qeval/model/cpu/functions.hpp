// exp, tanh, erf and the functions of feed-forward blocks in f32. Every value comes from one expression, written over a
// lane type V (float, or sixteen of them), so that a number does not depend on which others are computed beside it.
#pragma once

#include <cstdint>
#include <type_traits>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/kernel/cpu/simd/lanes.hpp>
#include <qeval/model/shape.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// a * b + c, one rounding where the target has the instruction. Spelled out everywhere: a compiler that contracts
// a * b + c on its own may do so in the body of a loop and not in its tail.
QEVAL_INLINE float multiply_add(float a, float b, float c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c; // no such instruction, hence nothing to contract into
#endif
}
template <class V>
QEVAL_INLINE V all(float x) { // in every lane
    if constexpr (std::is_same_v<V, float>) {
        return x;
    } else {
        return V::all(x);
    }
}
// a > b ? x : y
QEVAL_INLINE float  if_greater(float a, float b, float x, float y) { return a > b ? x : y; }
QEVAL_INLINE f32x16 if_greater(f32x16 const& a, f32x16 const& b, f32x16 const& x, f32x16 const& y) {
    return lanewise<f32x16>(
        [](auto p, auto q, auto u, auto v) QEVAL_LAMBDA_INLINE { return xsimd::select(p > q, u, v); }, a, b, x, y);
}
// a is NaN ? a : x
QEVAL_INLINE float  unless_nan(float a, float x) { return a != a ? a : x; }
QEVAL_INLINE f32x16 unless_nan(f32x16 const& a, f32x16 const& x) {
    // not p != p: xsimd 8.1 has it for AVX-512 as a comparison that NaN does not satisfy
    return lanewise<f32x16>([](auto p, auto u) QEVAL_LAMBDA_INLINE { return xsimd::select(xsimd::isnan(p), p, u); }, a,
                            x);
}
QEVAL_INLINE f32x16 operator/(f32x16 const& a, f32x16 const& b) {
    return lanewise<f32x16>([](auto x, auto y) QEVAL_LAMBDA_INLINE { return x / y; }, a, b);
}
// p * 2^k for the integer k whose bits t has below those of 1.5 * 2^23; in two factors, so that results down to the
// subnormals round once.
QEVAL_INLINE float times_power(float p, float t) {
    auto const k = std::int32_t(bit_cast<std::uint32_t>(t) - std::uint32_t(rounding_bias_bits)), half = k >> 1;
    auto const power = [](std::int32_t e) { return bit_cast<float>(std::uint32_t(e + 127) << 23); };
    return (p * power(half)) * power(k - half);
}
QEVAL_INLINE f32x16 times_power(f32x16 const& p, f32x16 const& t) {
    i32x16 const k = as_bits(t) - i32x16::all(rounding_bias_bits), half = k >> 1;
    auto const   power = [](i32x16 const& e) QEVAL_LAMBDA_INLINE { return as_floats((e + i32x16::all(127)) << 23); };
    return (p * power(half)) * power(k - half);
}

// e^x within 2 ulp: x = n ln 2 + r, |r| <= ln 2 / 2, e^r by its Taylor polynomial of degree 7. NaN stays NaN, overflow
// is infinity. Free of branches.
template <class V>
QEVAL_INLINE V exp_value(V const& x) {
    auto const c    = [](float number) QEVAL_LAMBDA_INLINE { return all<V>(number); };
    V const    bias = c(rounding_bias);
    V const    y    = if_greater(x, c(89.0f), c(89.0f), if_greater(c(-105.0f), x, c(-105.0f), x));
    V const    t    = multiply_add(y, c(1.44269504088896341f), bias);
    V const    n    = t - bias;
    V          r    = multiply_add(n, c(-0.693145751953125f), y); // ln 2 = 0.693145751953125 + 1.42860682030941723e-6
    r               = multiply_add(n, c(-1.42860682030941723e-6f), r);
    V p             = multiply_add(c(1.0f / 5040.0f), r, c(1.0f / 720.0f));
    p               = multiply_add(p, r, c(1.0f / 120.0f));
    p               = multiply_add(p, r, c(1.0f / 24.0f));
    p               = multiply_add(p, r, c(1.0f / 6.0f));
    p               = multiply_add(p, r, c(0.5f));
    p               = multiply_add(p, r, c(1.0f));
    p               = multiply_add(p, r, c(1.0f));
    return unless_nan(x, times_power(p, t));
}

// x / (1 + e^-x)
template <class V>
QEVAL_INLINE V silu_value(V const& x) {
    return x / (all<V>(1.0f) + exp_value(-x));
}

// x/2 (1 + tanh(u)) = x / (1 + e^-2u), u = sqrt(2/pi) (x + 0.044715 x^3)
template <class V>
QEVAL_INLINE V gelu_tanh_value(V const& x) {
    V const cube = multiply_add(x * x, x * all<V>(0.044715f), x);
    return x / (all<V>(1.0f) + exp_value(cube * all<V>(-1.5957691216057308f))); // -2 sqrt(2/pi)
}

// tanh(x) within 6 ulp: near 0 its series to x^9, elsewhere 1 - 2 / (1 + e^2x)
template <class V>
QEVAL_INLINE V tanh_value(V const& x) {
    auto const c    = [](float number) QEVAL_LAMBDA_INLINE { return all<V>(number); };
    V const    far  = c(1.0f) - c(2.0f) / (c(1.0f) + exp_value(x + x));
    V const    s    = x * x;
    V          near = multiply_add(c(62.0f / 2835.0f), s, c(-17.0f / 315.0f));
    near            = multiply_add(near, s, c(2.0f / 15.0f));
    near            = multiply_add(near, s, c(-1.0f / 3.0f));
    near            = multiply_add(near * s, x, x);
    return if_greater(s, c(0.09f), far, unless_nan(x, near));
}

// erf(x) within 2 ulp. Two polynomials by N. Juffa: near 0 in x^2, elsewhere erf = 1 - e^-p(|x|).
template <class V>
QEVAL_INLINE V erf_value(V const& x) {
    auto const c = [](float number) QEVAL_LAMBDA_INLINE { return all<V>(number); };
    V const    s = x * x;
    V const    t = if_greater(x, c(0.0f), x, -x);
    V          r = multiply_add(c(0x1.222900p-16f), t, c(-0x1.91d2ccp-12f));
    V const    u = multiply_add(c(0x1.fd1336p-09f), t, c(-0x1.8d6300p-06f));
    r            = multiply_add(r, s, u);
    r            = multiply_add(r, t, c(0x1.b55cb0p-4f));
    r            = multiply_add(r, t, c(0x1.450aa0p-1f));
    r            = multiply_add(r, t, c(0x1.079d0cp-3f));
    r            = multiply_add(r, t, t);
    r            = c(1.0f) - exp_value(-r);
    V const far  = if_greater(c(0.0f), x, -r, r);
    V       n    = multiply_add(c(-0x1.3a1a82p-11f), s, c(0x1.473f48p-08f));
    n            = multiply_add(n, s, c(-0x1.b68bd2p-06f));
    n            = multiply_add(n, s, c(0x1.ce1a46p-04f));
    n            = multiply_add(n, s, c(-0x1.8126e0p-02f));
    n            = multiply_add(n, s, c(0x1.06eba6p-03f));
    return if_greater(t, c(0.927734375f), far, multiply_add(n, x, x));
}

// x/2 (1 + erf(x / sqrt 2))
template <class V>
QEVAL_INLINE V gelu_value(V const& x) {
    return (x * all<V>(0.5f)) * (all<V>(1.0f) + erf_value(x * all<V>(0.70710678118654752f)));
}

// 1 / (1 + e^-x)
template <class V>
QEVAL_INLINE V sigmoid_value(V const& x) {
    return all<V>(1.0f) / (all<V>(1.0f) + exp_value(-x));
}

// One number of a gate g and a value u: see gate_fn.
template <gate_fn F, class V>
QEVAL_INLINE V gated_value(V const& g, V const& u) {
    if constexpr (F == gate_fn::silu) {
        return silu_value(g) * u;
    } else if constexpr (F == gate_fn::gelu) {
        return gelu_value(g) * u;
    } else if constexpr (F == gate_fn::gelu_tanh) {
        return gelu_tanh_value(g) * u;
    } else {
        V const seven = all<V>(7.0f), low = if_greater(g, seven, seven, g);
        V const between = if_greater(u, seven, seven, if_greater(-seven, u, -seven, u));
        return (low * sigmoid_value(low * all<V>(1.702f))) * (between + all<V>(1.0f));
    }
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
