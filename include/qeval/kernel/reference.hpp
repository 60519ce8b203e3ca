// The numerics of every kernel, as scalar code: this file is the contract. A kernel must give these bits for any number of
// columns, any number of threads, and prompt at once or token by token.
//
// What makes that free: lanes are output rows, never k; threads split rows; every output is one chain of operations.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <qeval/core/half.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/kernel/tuning/cpu.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::reference {

// a * b + c, rounded once where the build has FMA instructions, else twice; like the kernels of the same build.
inline float multiply_add(float a, float b, float c) {
#if defined(__FMA__) || defined(__AVX512F__) || defined(__ARM_FEATURE_FMA)
    return std::fma(a, b, c);
#else
    return a * b + c;
#endif
}

// Exact path: f32 weights as decode() gives them, f32 activations. k runs in chunks of 512; inside a chunk four chains,
// chain = k mod 4, ascend in k from 0; chunk = (c0 + c1) + (c2 + c3); the chunks add up in order.
template <class Weight>
float dot_exact(Weight&& w, std::span<float const> x) {
    float total = 0;
    auto const n = static_cast<index>(x.size());
    for (index k0 = 0; k0 < n; k0 += tuning::k_chunk) {
        float chain[4] = {};
        for (index k = k0; k < std::min(n, k0 + tuning::k_chunk); ++k) {
            chain[k % 4] = multiply_add(w(k), x[static_cast<std::size_t>(k)], chain[k % 4]);
        }
        total += (chain[0] + chain[1]) + (chain[2] + chain[3]);
    }
    return total;
}

// Activations on the integer path: q = round_to_even(x * (127 / absmax)), value = q * (absmax / 127), one absmax for
// `group` consecutive columns (the whole row: group = columns).
struct int8_row {
    std::vector<std::int8_t> q;
    std::vector<float>       scale; // one for each 32 columns, equal inside a group

    int8_row(std::span<float const> x, index group) : q((x.size() + 31) / 32 * 32), scale(q.size() / 32) {
        auto const n = static_cast<index>(x.size());
        for (index g = 0; g < n; g += group) {
            float top = 0;
            for (index k = g; k < std::min(n, g + group); ++k) top = std::max(top, std::fabs(x[static_cast<std::size_t>(k)]));
            float const inverse = top > 0 ? 127.0f / top : 0.0f;
            for (index k = g; k < std::min(n, g + group); ++k) {
                auto const i = static_cast<std::size_t>(k);
                q[i]         = static_cast<std::int8_t>(static_cast<int>(std::nearbyint(x[i] * inverse)));
                scale[i / 32] = top / 127.0f;
            }
        }
    }
};

// Integer path: for each 32 columns in ascending order, the exact integer dot product of every weight group (one of 32, or
// two of 16), zero points taken out through the activation sums; t = dot0 * s0, then fma(dot1, s1, t);
// acc = fma(t, s_a, acc); and for every group acc = fma(offset, s_a * sum, acc).
template <class Code, class Group>
float dot_integer(Code&& integer_level, Group&& group, int groups_of_32, float unit, int8_row const& a) {
    float acc = 0;
    for (std::size_t b = 0; b < a.scale.size(); ++b) {
        float     t    = 0;
        int const size = 32 / groups_of_32;
        int       sums[2] = {};
        for (int g = 0; g < groups_of_32; ++g) {
            index const  first = static_cast<index>(b) * 32 + g * size;
            affine const p     = group(first);
            int          dot = 0, sum = 0;
            for (index k = first; k < first + size; ++k) {
                int const q = a.q[static_cast<std::size_t>(k)];
                dot += q * integer_level(k);
                sum += q;
            }
            dot -= static_cast<int>(p.zero) * sum;
            t       = g == 0 ? static_cast<float>(dot) * (p.scale * unit) : multiply_add(static_cast<float>(dot), p.scale * unit, t);
            sums[g] = sum;
        }
        acc = multiply_add(t, a.scale[b], acc);
        for (int g = 0; g < groups_of_32; ++g) {
            acc = multiply_add(group(static_cast<index>(b) * 32 + g * size).offset, a.scale[b] * static_cast<float>(sums[g]), acc);
        }
    }
    return acc;
}

// y [n, rows] = x [n, cols] W^T on the exact path, every operand first rounded by `round` (identity, f16, bf16).
template <class F, class Round>
void matmul_exact(packed_view<F> const& w, matrix_view<float const> x, matrix_view<float> y, Round round) {
    std::vector<float> rounded(static_cast<std::size_t>(w.cols));
    for (index i = 0; i < x.rows; ++i) {
        for (index k = 0; k < w.cols; ++k) rounded[static_cast<std::size_t>(k)] = round(x(i, k));
        for (index r = 0; r < w.rows; ++r) y(i, r) = round(dot_exact([&](index k) { return round(w(r, k)); }, rounded));
    }
}

// The same on the integer path; groups along the row as the format has them.
template <has_integer_levels F>
void matmul_integer(packed_view<F> const& w, matrix_view<float const> x, matrix_view<float> y, index activation_group) {
    using L             = typename F::levels_type;
    constexpr auto unit = facts_of<L>.unit;
    for (index i = 0; i < x.rows; ++i) {
        int8_row const a(x.row(i), activation_group);
        for (index r = 0; r < w.rows; ++r) {
            auto const inside = [&](index k) { return std::min(k, w.cols - 1); }; // padded activations are zero
            if constexpr (in_blocks<F>) {
                auto const* row = w.row(r);
                y(i, r) = dot_integer(
                    [&](index k) { return static_cast<int>(F::level(F::code(row[inside(k) / F::block_size], int(inside(k) % F::block_size))) / unit); },
                    [&](index k) { return F::group(row[inside(k) / F::block_size], int(inside(k) % F::block_size) / group_size_of<F>); },
                    group_size_of<F> % 32 == 0 ? 1 : 2, unit, a);
            } else {
                y(i, r) = dot_integer(
                    [&](index k) { return static_cast<int>(F::level(F::code(w.cell, r * w.cols + inside(k))) / unit); },
                    [&](index k) { return F::group(w.cell, w.cell.geometry.group_of(r, inside(k), w.cols)); }, 1, unit, a);
            }
        }
    }
}

} // namespace qeval::reference
