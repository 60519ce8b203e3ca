// Rows of f32 mapped by the functions of functions.hpp, and sums in a fixed order: every sum comes from one tree, so
// that a number does not depend on which other numbers were computed beside it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/simd/lanes.hpp>
#include <qeval/model/cpu/functions.hpp>
#include <qeval/model/log_softmax.hpp>
#include <qeval/model/shape.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

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

// gate[i] <- f(gate[i], up[i]) for n values
template <gate_fn F>
void gate_values(float* gate, float const* up, index n) {
    map_values(
        gate, n, [](f32x16 const& g, f32x16 const& u) { return gated_value<F>(g, u); }, static_cast<float const*>(gate),
        up);
}
using gate_function_of_rows = void (*)(float* gate, float const* up, index n);
[[nodiscard]] inline gate_function_of_rows gate_values_of(gate_fn f) {
    constexpr gate_function_of_rows all[] = {gate_values<gate_fn::silu>, gate_values<gate_fn::gelu>,
                                             gate_values<gate_fn::gelu_tanh>, gate_values<gate_fn::clamped_silu>};
    return all[std::size_t(f)];
}

// x[i] <- cap * tanh(x[i] / cap) for n values
inline void soft_cap_values(float* x, index n, float cap) {
    map_values(
        x, n, [cap](f32x16 const& v) { return tanh_value(v / f32x16::all(cap)) * f32x16::all(cap); },
        static_cast<float const*>(x));
}

// x[i] <- f(x[i]) for n values
inline void activate_values(activation_fn f, float* x, index n) {
    float const* const from = x;
    auto const         map  = [&](auto const& g) { map_values(x, n, g, from); };
    switch (f) {
    case activation_fn::silu:
        return map([](f32x16 const& v) { return silu_value(v); });
    case activation_fn::gelu:
        return map([](f32x16 const& v) { return gelu_value(v); });
    case activation_fn::gelu_tanh:
        return map([](f32x16 const& v) { return gelu_tanh_value(v); });
    case activation_fn::sigmoid:
        return map([](f32x16 const& v) { return sigmoid_value(v); });
    case activation_fn::relu:
        return map([](f32x16 const& v) { return if_greater(f32x16::all(0), v, f32x16::all(0), v); });
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
