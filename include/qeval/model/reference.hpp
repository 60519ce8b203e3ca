// The numerics of a backend's operations, as scalar code: this file is their contract, as kernel/reference.hpp is that
// of matrix products. A backend must give these bits for any number of tokens, sequences and threads.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <qeval/core/bits.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/reference.hpp>
#include <qeval/model/log_softmax.hpp>
#include <qeval/model/shape.hpp>

namespace qeval::reference {

// e^x within 2 ulp: x = n ln 2 + r, |r| <= ln 2 / 2, e^r by its Taylor polynomial of degree 7, 2^n in two factors, so
// that results down to the subnormals round once. NaN stays NaN, overflow is infinity.
inline float exp_value(float x) {
    if (std::isnan(x)) return x;
    float const y = std::max(-105.0f, std::min(89.0f, x));
    float const t = multiply_add(y, 1.44269504088896341f, rounding_bias), n = t - rounding_bias;
    float       r = multiply_add(n, -0.693145751953125f, y); // ln 2 = 0.693145751953125 + 1.42860682030941723e-6
    r             = multiply_add(n, -1.42860682030941723e-6f, r);
    float p       = 1.0f / 5040.0f;
    for (float const c : {1.0f / 720.0f, 1.0f / 120.0f, 1.0f / 24.0f, 1.0f / 6.0f, 0.5f, 1.0f, 1.0f}) {
        p = multiply_add(p, r, c);
    }
    auto const k = bit_cast<std::int32_t>(t) - rounding_bias_bits, half = k >> 1;
    auto const power = [](std::int32_t e) { return bit_cast<float>(static_cast<std::uint32_t>(e + 127) << 23); };
    return p * power(half) * power(k - half);
}

// Sixteen partial sums, number l over the elements with index = l mod 16 in ascending order; add(i, sum) puts element i
// into its sum. They are added as a tree: 8 + 8, 4 + 4, 2 + 2, 1 + 1.
template <class T, class Add>
T sum_by_16(index n, Add const& add) {
    T s[16] = {};
    for (index i = 0; i < n; ++i) s[i % 16] = add(i, s[i % 16]);
    for (int i = 0; i < 8; ++i) s[i] += s[i + 8];
    for (int i = 0; i < 4; ++i) s[i] += s[i + 4];
    return (s[0] + s[2]) + (s[1] + s[3]);
}

// tanh(x): near 0 its series to x^9, elsewhere 1 - 2 / (1 + e^2x)
inline float tanh_value(float x) {
    float const s = x * x;
    if (s > 0.09f) return 1.0f - 2.0f / (1.0f + exp_value(x + x));
    float near = multiply_add(62.0f / 2835.0f, s, -17.0f / 315.0f);
    near       = multiply_add(near, s, 2.0f / 15.0f);
    near       = multiply_add(near, s, -1.0f / 3.0f);
    return std::isnan(x) ? x : multiply_add(near * s, x, x);
}

// erf(x): two polynomials by N. Juffa, near 0 in x^2, elsewhere erf = 1 - e^-p(|x|)
inline float erf_value(float x) {
    float const s = x * x, t = std::fabs(x);
    if (!(t > 0.927734375f)) {
        float n = multiply_add(-0x1.3a1a82p-11f, s, 0x1.473f48p-08f);
        for (float const c : {-0x1.b68bd2p-06f, 0x1.ce1a46p-04f, -0x1.8126e0p-02f, 0x1.06eba6p-03f})
            n = multiply_add(n, s, c);
        return multiply_add(n, x, x);
    }
    float r = multiply_add(0x1.222900p-16f, t, -0x1.91d2ccp-12f);
    r       = multiply_add(r, s, multiply_add(0x1.fd1336p-09f, t, -0x1.8d6300p-06f));
    for (float const c : {0x1.b55cb0p-4f, 0x1.450aa0p-1f, 0x1.079d0cp-3f}) r = multiply_add(r, t, c);
    return std::copysign(1.0f - exp_value(-multiply_add(r, t, t)), x);
}

// x/2 (1 + erf(x / sqrt 2))
inline float gelu(float x) { return (x * 0.5f) * (1.0f + erf_value(x * 0.70710678118654752f)); }

// 1 / (1 + e^-x)
inline float sigmoid(float x) { return 1.0f / (1.0f + exp_value(-x)); }

// cap * tanh(x / cap)
inline float soft_cap(float x, float cap) { return tanh_value(x / cap) * cap; }

// x / (1 + e^-x)
inline float silu(float x) { return x / (1.0f + exp_value(-x)); }

// x / (1 + e^-2u), u = sqrt(2/pi) (x + 0.044715 x^3): x/2 (1 + tanh u)
inline float gelu_tanh(float x) {
    float const cubic = multiply_add(x * x, x * 0.044715f, x);
    return x / (1.0f + exp_value(cubic * -1.5957691216057308f));
}

inline float activate(activation_fn f, float x) {
    switch (f) {
    case activation_fn::silu:
        return silu(x);
    case activation_fn::gelu:
        return gelu(x);
    case activation_fn::gelu_tanh:
        return gelu_tanh(x);
    case activation_fn::sigmoid:
        return sigmoid(x);
    case activation_fn::relu:
        return 0 > x ? 0.0f : x;
    }
    return x;
}
// What becomes of a gate and a value: see gate_fn.
inline float gate(gate_fn f, float g, float u) {
    switch (f) {
    case gate_fn::silu:
        return silu(g) * u;
    case gate_fn::gelu:
        return gelu(g) * u;
    case gate_fn::gelu_tanh:
        return gelu_tanh(g) * u;
    case gate_fn::clamped_silu:
        break;
    }
    float const low = std::min(g, 7.0f);
    return (low * sigmoid(low * 1.702f)) * (std::min(7.0f, std::max(-7.0f, u)) + 1.0f);
}

// y = (x * (1 / sqrt(mean(x^2) + epsilon))) * weight
inline void rms_norm(std::span<float const> x, std::span<float const> weight, float epsilon, std::span<float> y) {
    auto const  n    = static_cast<index>(x.size());
    float const sum  = sum_by_16<float>(n, [&](index i, float s) {
        float const v = x[static_cast<std::size_t>(i)];
        return multiply_add(v, v, s);
    });
    float const unit = 1.0f / std::sqrt(sum / static_cast<float>(n) + epsilon);
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = (x[i] * unit) * weight[i];
}

// d = x - mean(x); y = (d * (1 / sqrt(mean(d^2) + epsilon))) * weight + bias, the last two in one rounding where the
// processor has the instruction
inline void layer_norm(std::span<float const> x, std::span<float const> weight, std::span<float const> bias,
                       float epsilon, std::span<float> y) {
    auto const  n    = static_cast<index>(x.size());
    float const mean = sum_by_16<float>(n, [&](index i, float s) { return s + x[static_cast<std::size_t>(i)]; }) /
                       static_cast<float>(n);
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] - mean;
    float const sum  = sum_by_16<float>(n, [&](index i, float s) {
        float const d = y[static_cast<std::size_t>(i)];
        return multiply_add(d, d, s);
    });
    float const unit = 1.0f / std::sqrt(sum / static_cast<float>(n) + epsilon);
    for (std::size_t i = 0; i < x.size(); ++i) y[i] = multiply_add(y[i] * unit, weight[i], bias[i]);
}

// A rotation of the pair (a, b) by an angle, which is position * frequency, a product of floats: the products with the
// sine are rounded, the others added to them in one step.
inline void turn(float& a, float& b, float cosine, float sine) {
    float const turned = multiply_add(a, cosine, -(b * sine));
    b                  = multiply_add(b, cosine, a * sine);
    a                  = turned;
}

// softmax(cap(q K^T scale)) V of one query that sees positions [first, last) of one head. key(t) and value(t) are spans
// of floats, as the cache gives them back; out is as long as a value. sink: the score of nothing, or -infinity.
//   score(t)  one ascending chain over the head, from q scaled first; capped where cap is not 0
//   weight(t) e^(score - largest), and 0 below e^-69
//   sum       of the weights in sixteen partial sums by t mod 16, then e^(sink - largest)
//   out       one ascending chain over each page of 16 positions (counted from position 0), the pages added in order,
//             then divided by the sum
template <class Key, class Value>
void attend(std::span<float const> q, float scale, float cap, float sink, index first, index last, Key const& key,
            Value const& value, std::span<float> out) {
    std::vector<float> weight(static_cast<std::size_t>(last)), scaled(q.begin(), q.end());
    for (float& v : scaled) v *= scale;
    float largest = sink;
    for (index t = first; t < last; ++t) {
        float      score = 0;
        auto const k     = key(t);
        for (std::size_t i = 0; i < scaled.size(); ++i) score = multiply_add(scaled[i], k[i], score);
        if (cap > 0) score = soft_cap(score, cap);
        weight[static_cast<std::size_t>(t)] = score;
        largest                             = std::max(largest, score);
    }
    for (index t = first; t < last; ++t) {
        float& w = weight[static_cast<std::size_t>(t)];
        w        = -69.0f > w - largest ? 0.0f : exp_value(w - largest);
    }
    float sum = sum_by_16<float>(last, [&](index t, float s) { return s + weight[static_cast<std::size_t>(t)]; });
    if (std::isfinite(sink)) sum += exp_value(sink - largest);
    std::fill(out.begin(), out.end(), 0.0f);
    for (index page = first / 16 * 16; page < last; page += 16) {
        std::vector<float> chain(out.size());
        for (index t = std::max(first, page); t < std::min(last, page + 16); ++t) {
            auto const v = value(t);
            for (std::size_t i = 0; i < out.size(); ++i)
                chain[i] = multiply_add(weight[static_cast<std::size_t>(t)], v[i], chain[i]);
        }
        for (std::size_t i = 0; i < out.size(); ++i) out[i] += chain[i];
    }
    for (float& o : out) o /= sum;
}

// ln sum e^logit with exponentials in f32: e^(logit - largest) in sixteen partial sums of doubles by index mod 16. A
// row with an infinity or a NaN has no best token and a NaN sum.
inline softmax_norm normalise(std::span<float const> logits) {
    for (float const x : logits) {
        if (!std::isfinite(x)) return {std::nan(""), -1};
    }
    auto const   best = std::max_element(logits.begin(), logits.end()); // the first of equals
    double const sum  = sum_by_16<double>(static_cast<index>(logits.size()), [&](index i, double s) {
        return s + static_cast<double>(exp_value(logits[static_cast<std::size_t>(i)] - *best));
    });
    return {static_cast<double>(*best) + std::log(sum), static_cast<token>(best - logits.begin())};
}

} // namespace qeval::reference
