// exp, SiLU and fixed-order sums in f32. Every value comes from one expression and every sum from one tree, whatever
// the compiler makes of the loops, so that a number does not depend on which other numbers were computed beside it.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// a * b + c, one rounding where the target has the instruction. Spelled out everywhere: a compiler that contracts
// a * b + c on its own may do so in the body of a loop and not in its tail.
QEVAL_INLINE float madd(float a, float b, float c) {
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c; // no such instruction, hence nothing to contract into
#endif
}

// e^x within 2 ulp: x = n ln 2 + r, |r| <= ln 2 / 2, e^r by its Taylor polynomial of degree 7, 2^n in two factors so
// that results down to the subnormals round once. NaN stays NaN, overflow is infinity. Free of branches.
QEVAL_INLINE float exp_value(float x) {
    constexpr float magic = 12582912.0f; // 1.5 * 2^23: adding it rounds to an integer
    float const     y     = x > 89.0f ? 89.0f : (x < -105.0f ? -105.0f : x);
    float const     t     = madd(y, 1.44269504088896341f, magic);
    float const     n     = t - magic;
    float           r     = madd(n, -0.693145751953125f, y); // ln 2 = 0.693145751953125 + 1.42860682030941723e-6
    r                     = madd(n, -1.42860682030941723e-6f, r);
    float p               = madd(1.0f / 5040.0f, r, 1.0f / 720.0f);
    p                     = madd(p, r, 1.0f / 120.0f);
    p                     = madd(p, r, 1.0f / 24.0f);
    p                     = madd(p, r, 1.0f / 6.0f);
    p                     = madd(p, r, 0.5f);
    p                     = madd(p, r, 1.0f);
    p                     = madd(p, r, 1.0f);
    auto const  k         = std::int32_t(bit_cast<std::uint32_t>(t) - bit_cast<std::uint32_t>(magic));
    auto const  half      = k >> 1;
    auto const  power     = [](std::int32_t e) { return bit_cast<float>(std::uint32_t(e + 127) << 23); };
    float const scaled    = (p * power(half)) * power(k - half);
    return x != x ? x : scaled;
}

// x / (1 + e^-x)
QEVAL_INLINE float silu_value(float x) { return x / (1.0f + exp_value(-x)); }

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

// out[i] = f(in[i]...) for n values; `out` may be one of the inputs. The block of sixteen keeps loads and stores apart,
// which is what lets compilers vectorise it.
template <class F, class... In>
QEVAL_INLINE void map_values(float* out, index n, F const& f, In const*... in) {
    index i = 0;
    for (; i + 16 <= n; i += 16) {
        float block[16];
        for (int l = 0; l < 16; ++l) block[l] = f(in[i + l]...);
        for (int l = 0; l < 16; ++l) out[i + l] = block[l];
    }
    for (; i < n; ++i) out[i] = f(in[i]...);
}

// sum of x[i]^2
inline float sum_of_squares(float const* x, index n) {
    lane_sum<float> s;
    index           i = 0;
    for (; i + 16 <= n; i += 16) {
        for (int l = 0; l < 16; ++l) s.partial[l] = madd(x[i + l], x[i + l], s.partial[l]);
    }
    for (int l = 0; i + l < n; ++l) s.partial[l] = madd(x[i + l], x[i + l], s.partial[l]);
    return s.total();
}

// x[i] <- e^(x[i] - shift) for n values, n a multiple of 16; returns their sum. Below e^-69 (2^-99.5) it is 0: beside the
// largest value's 1 no such weight counts, and products with it would be subnormal numbers, on which processors spend a
// hundred times as long (a third of the time of a trained model's attention).
inline float exp_and_sum(float* x, index n, float shift) {
    lane_sum<float> s;
    for (index i = 0; i < n; i += 16) {
        for (int l = 0; l < 16; ++l) {
            float const d = x[i + l] - shift;
            x[i + l]      = d < -69.0f ? 0.0f : exp_value(d); // NaN stays NaN
            s.partial[l] += x[i + l];
        }
    }
    return s.total();
}

// The largest value of n, n a multiple of 16; NaN is not found here.
inline float largest(float const* x, index n) {
    float m[16];
    for (int l = 0; l < 16; ++l) m[l] = x[l];
    for (index i = 16; i < n; i += 16) {
        for (int l = 0; l < 16; ++l) m[l] = x[i + l] > m[l] ? x[i + l] : m[l];
    }
    float best = m[0];
    for (int l = 1; l < 16; ++l) best = m[l] > best ? m[l] : best;
    return best;
}

// What a scorer needs of one row of logits.
struct logit_summary {
    double log_sum_exp = 0;  // ln sum e^logit; about 1e-7 of rounding
    index  best        = -1; // the lowest index of the largest logit; -1 where a logit is not finite
};

// One pass for the maximum, one for the sum. A row with an infinity or a NaN has no best token and a NaN sum.
inline logit_summary summarize(std::span<float const> logits) {
    auto const    n    = index(logits.size());
    float const*  x    = logits.data();
    float         best = x[0];
    std::uint32_t bad  = 0;
    index const   body = n - n % 16;
    float         m[16];
    for (float& v : m) v = best;
    std::uint32_t wild[16] = {};
    for (index i = 0; i < body; i += 16) {
        for (int l = 0; l < 16; ++l) {
            m[l] = x[i + l] > m[l] ? x[i + l] : m[l];
            wild[l] |= std::uint32_t((bit_cast<std::uint32_t>(x[i + l]) & 0x7f800000u) == 0x7f800000u);
        }
    }
    for (int l = 0; l < 16; ++l) {
        best = m[l] > best ? m[l] : best;
        bad |= wild[l];
    }
    for (index i = body; i < n; ++i) {
        best = x[i] > best ? x[i] : best;
        bad |= std::uint32_t((bit_cast<std::uint32_t>(x[i]) & 0x7f800000u) == 0x7f800000u);
    }
    if (bad) return {std::nan(""), -1};
    lane_sum<double> s;
    for (index i = 0; i < body; i += 16) {
        for (int l = 0; l < 16; ++l) s.partial[l] += double(exp_value(x[i + l] - best));
    }
    for (index i = body; i < n; ++i) s.partial[i - body] += double(exp_value(x[i] - best));
    index first = 0;
    while (x[first] != best) ++first;
    return {double(best) + std::log(s.total()), first};
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
