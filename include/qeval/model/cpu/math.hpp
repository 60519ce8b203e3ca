// exp, SiLU, GELU and fixed-order sums in f32. Every value comes from one expression, written over a lane type V
// (float, or sixteen of them), and every sum from one tree, so that a number does not depend on which other numbers
// were computed beside it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <type_traits>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/simd/lanes.hpp>
#include <qeval/model/log_softmax.hpp>
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

// Sixteen partial sums, number l over the elements with index = l mod 16, added as a tree: 8 + 8, 4 + 4, 2 + 2, 1 + 1.
template <class T>
struct lane_sum {
    T partial[16] = {};

    QEVAL_INLINE T total() const {
        T t[8];
        for (int i = 0; i < 8; ++i) t[i] = partial[i] + partial[i + 8];
        for (int i = 0; i < 4; ++i) t[i] = t[i] + t[i + 4];
        return (t[0] + t[2]) + (t[1] + t[3]);
    }
};

// out[i] = f(in[i]...) for n values, sixteen at a time; `out` may be one of the inputs. f takes and returns f32x16. The
// last few are filled up to sixteen, and computed the same way.
template <class F, class... In>
QEVAL_FLATTEN inline void map_values(float* out, index n, F const& f, In const*... in) {
    index i = 0;
    for (; i + 16 <= n; i += 16) f(f32x16::load(in + i)...).store(out + i);
    if (i == n) return;
    auto const some = [i, n](float const* from) {
        alignas(64) float padded[16] = {};
        std::copy(from + i, from + n, padded);
        return f32x16::load(padded);
    };
    alignas(64) float last[16];
    f(some(in)...).store(last);
    std::copy_n(last, n - i, out + i);
}

// gate[i] <- silu(gate[i]) * up[i] for n values
inline void silu_gate_values(float* gate, float const* up, index n) {
    map_values(
        gate, n, [](f32x16 const& g, f32x16 const& u) { return silu_value(g) * u; }, static_cast<float const*>(gate),
        up);
}

// x[i] <- f(x[i]) for n values
inline void activate_values(activation_fn f, float* x, index n) {
    float const* const from = x;
    switch (f) {
    case activation_fn::silu:
        return map_values(
            x, n, [](f32x16 const& v) { return silu_value(v); }, from);
    case activation_fn::gelu_tanh:
        return map_values(
            x, n, [](f32x16 const& v) { return gelu_tanh_value(v); }, from);
    }
}

// The sum that a vector of sixteen partial sums stands for, added as their tree is.
QEVAL_INLINE float total(f32x16 const& partial) {
    lane_sum<float> s;
    partial.store(s.partial);
    return s.total();
}

// sum of x[i]^2
QEVAL_FLATTEN inline float sum_of_squares(float const* x, index n) {
    lane_sum<float> s;
    f32x16          body = f32x16::all(0);
    index           i    = 0;
    for (; i + 16 <= n; i += 16) {
        f32x16 const v = f32x16::load(x + i);
        body           = multiply_add(v, v, body);
    }
    body.store(s.partial);
    for (int l = 0; i + l < n; ++l) s.partial[l] = multiply_add(x[i + l], x[i + l], s.partial[l]);
    return s.total();
}

// sum of x[i]
QEVAL_FLATTEN inline float sum_of(float const* x, index n) {
    lane_sum<float> s;
    f32x16          body = f32x16::all(0);
    index           i    = 0;
    for (; i + 16 <= n; i += 16) body = body + f32x16::load(x + i);
    body.store(s.partial);
    for (int l = 0; i + l < n; ++l) s.partial[l] = s.partial[l] + x[i + l];
    return s.total();
}

// x[i] <- e^(x[i] - shift) for n values, n a multiple of 16; returns their sum. Below e^-69 (2^-99.5) it is 0: beside
// the largest value's 1 no such weight counts, and products with it would be subnormal numbers, on which processors
// spend a hundred times as long (a third of the time of a trained model's attention).
QEVAL_FLATTEN inline float exp_and_sum(float* x, index n, float shift) {
    f32x16 sum = f32x16::all(0);
    for (index i = 0; i < n; i += 16) {
        f32x16 const d = f32x16::load(x + i) - f32x16::all(shift);
        f32x16 const e = if_greater(f32x16::all(-69.0f), d, f32x16::all(0), exp_value(d)); // NaN stays NaN
        e.store(x + i);
        sum = sum + e;
    }
    return total(sum);
}

// The largest value of n, n a multiple of 16; NaN is not found here.
QEVAL_FLATTEN inline float largest(float const* x, index n) {
    f32x16 most = f32x16::load(x);
    for (index i = 16; i < n; i += 16) {
        f32x16 const v = f32x16::load(x + i);
        most           = if_greater(v, most, v, most);
    }
    float m[16];
    most.store(m);
    return *std::max_element(m, m + 16, [](float a, float b) { return a < b; });
}

// The norm of a row of logits with exponentials in f32: one pass for the maximum, one for the sum. A row with an
// infinity or a NaN has no best token and a NaN sum.
QEVAL_FLATTEN inline softmax_norm normalise(std::span<float const> logits) {
    auto const   n    = index(logits.size());
    float const* x    = logits.data();
    float        best = x[0];
    index const  body = n - n % 16;
    f32x16       none = f32x16::all(0); // x - x: 0, or NaN for ever where x is not finite
    if (body != 0) best = largest(x, body);
    for (index i = 0; i < body; i += 16) none = none + (f32x16::load(x + i) - f32x16::load(x + i));
    float wild = total(none);
    for (index i = body; i < n; ++i) {
        best = x[i] > best ? x[i] : best;
        wild += x[i] - x[i];
    }
    if (wild != 0) return {std::nan(""), -1};
    lane_sum<double> s;
    for (index i = 0; i < body; i += 16) {
        alignas(64) float e[16];
        exp_value(f32x16::load(x + i) - f32x16::all(best)).store(e);
        for (int l = 0; l < 16; ++l) s.partial[l] += double(e[l]);
    }
    for (index i = body; i < n; ++i) s.partial[i - body] += double(exp_value(x[i] - best));
    index first = 0;
    while (x[first] != best) ++first;
    return {double(best) + std::log(s.total()), token(first)};
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
