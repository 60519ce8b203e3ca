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

// x / (1 + e^-x)
inline float silu(float x) { return x / (1.0f + exp_value(-x)); }

// x / (1 + e^-2u), u = sqrt(2/pi) (x + 0.044715 x^3): x/2 (1 + tanh u)
inline float gelu_tanh(float x) {
    float const cubic = multiply_add(x * x, x * 0.044715f, x);
    return x / (1.0f + exp_value(cubic * -1.5957691216057308f));
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

// The pair i of a head turns by position * frequency, a product of floats, as in transformers and in what models were
// trained with: 1 / theta^(i / half) / factor, each operation rounded.
inline float rotary_frequency(double theta, double factor, index i, index half) {
    auto const at = static_cast<double>(static_cast<float>(i) / static_cast<float>(half));
    return 1.0f / static_cast<float>(std::pow(theta, at)) / static_cast<float>(factor);
}
// A rotation of the pair (a, b) by an angle: the products with the sine are rounded, the others added to them in one
// step.
inline void turn(float& a, float& b, float cosine, float sine) {
    float const turned = multiply_add(a, cosine, -(b * sine));
    b                  = multiply_add(b, cosine, a * sine);
    a                  = turned;
}

// softmax(q K^T scale) V of one query that sees positions [first, last) of one head. key(t) and value(t) are spans of
// floats, as the cache gives them back; out is as long as a value.
//   score(t)  one ascending chain over the head, from q scaled first
//   weight(t) e^(score - largest), and 0 below e^-69
//   sum       of the weights in sixteen partial sums by t mod 16
//   out       one ascending chain over each page of 16 positions (counted from position 0), the pages added in order,
//             then divided by the sum
template <class Key, class Value>
void attend(std::span<float const> q, float scale, index first, index last, Key const& key, Value const& value,
            std::span<float> out) {
    std::vector<float> weight(static_cast<std::size_t>(last)), scaled(q.begin(), q.end());
    for (float& v : scaled) v *= scale;
    float largest = -std::numeric_limits<float>::infinity();
    for (index t = first; t < last; ++t) {
        float      score = 0;
        auto const k     = key(t);
        for (std::size_t i = 0; i < scaled.size(); ++i) score = multiply_add(scaled[i], k[i], score);
        weight[static_cast<std::size_t>(t)] = score;
        largest                             = std::max(largest, score);
    }
    for (index t = first; t < last; ++t) {
        float& w = weight[static_cast<std::size_t>(t)];
        w        = -69.0f > w - largest ? 0.0f : exp_value(w - largest);
    }
    float const sum = sum_by_16<float>(last, [&](index t, float s) { return s + weight[static_cast<std::size_t>(t)]; });
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
