// The numerics of every kernel, as scalar code: this file is the contract. A kernel must give these bits for any number
// of tokens, any number of threads, and prompt at once or token by token.
//
// y [tokens, rows] = x [tokens, depth] W^T for W [rows, depth]: everywhere in kernel/, a row is an output, k runs over
// the depth, and what is multiplied with a row is a token.
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
#include <qeval/kernel/integer_form.hpp>
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
    float      total = 0;
    auto const n     = static_cast<index>(x.size());
    for (index k0 = 0; k0 < n; k0 += tuning::k_chunk) {
        float chain[4] = {};
        for (index k = k0; k < std::min(n, k0 + tuning::k_chunk); ++k) {
            chain[k % 4] = multiply_add(w(k), x[static_cast<std::size_t>(k)], chain[k % 4]);
        }
        total += (chain[0] + chain[1]) + (chain[2] + chain[3]);
    }
    return total;
}

// The bf16 path: weights and activations rounded to bf16, two depths to a word; the order of the exact path with words
// in the place of depths. A word adds its odd depth first, then the even one, each rounded once; subnormal operands
// and results count as zero, as AVX-512's vdpbf16ps has it.
inline float flushed(float x) { return std::fabs(x) < 0x1p-126f ? std::copysign(0.0f, x) : x; }

template <class Weight>
float dot_bf16(Weight&& w, std::span<float const> x) {
    auto const n     = static_cast<index>(x.size());
    float      total = 0;
    for (index k0 = 0; k0 < n; k0 += tuning::k_chunk) {
        float chain[4] = {};
        for (index k = k0; k < std::min(n, k0 + tuning::k_chunk); k += 2) {
            float& c = chain[k / 2 % 4];
            for (index i : {k + 1, k}) {
                if (i >= n) continue;
                float const a = bf16::from(w(i)).to_float(), b = bf16::from(x[static_cast<std::size_t>(i)]).to_float();
                c = flushed(multiply_add(flushed(a), flushed(b), c));
            }
        }
        total += (chain[0] + chain[1]) + (chain[2] + chain[3]);
    }
    return total;
}

// Activations on the integer path: q = round_to_even(x * (127 / absmax)), value = q * (absmax / 127), one absmax for
// `group` consecutive depths (the whole row: group = depth).
struct int8_row {
    std::vector<std::int8_t> q;
    std::vector<float>       scale; // one for each 32 depths, equal inside a group

    int8_row(std::span<float const> x, index group) : q((x.size() + 31) / 32 * 32), scale(q.size() / 32) {
        auto const n = static_cast<index>(x.size());
        for (index g = 0; g < n; g += group) {
            float top = 0;
            for (index k = g; k < std::min(n, g + group); ++k)
                top = std::max(top, std::fabs(x[static_cast<std::size_t>(k)]));
            float const inverse = top > 0 ? 127.0f / top : 0.0f;
            for (index k = g; k < std::min(n, g + group); ++k) {
                auto const i  = static_cast<std::size_t>(k);
                q[i]          = static_cast<std::int8_t>(static_cast<int>(std::nearbyint(x[i] * inverse)));
                scale[i / 32] = top / 127.0f;
            }
        }
    }
};

// Integer path: for each 32 depths in ascending order and each weight group inside (one of 32, or two of 16) the exact
// integer dot product, zero points taken out; t = dot * scale, rounded; acc = fma(t, s_a, acc). Then for each group of
// offsets (one of 32, or two of 16) acc = fma(offset, s_a * sum, acc), where formats have offsets.
template <class Level, class Group>
float dot_integer(Level&& integer_level, Group&& group, integer_form const& form, int8_row const& a, index cols) {
    float acc = 0;
    for (index b = 0; b < cols; b += 32) {
        float const scale = a.scale[static_cast<std::size_t>(b / 32)];
        for (index first = b, size = 32 / form.scale_groups; first < std::min(b + 32, cols); first += size) {
            affine const p   = group(first);
            int          dot = 0;
            for (index k = first; k < std::min(first + size, cols); ++k) {
                dot += int{a.q[static_cast<std::size_t>(k)]} * (integer_level(k) - static_cast<int>(p.zero));
            }
            acc = multiply_add(static_cast<float>(dot) * p.scale, scale, acc);
        }
        if (form.offset_groups == 0) continue;
        for (index first = b, size = 32 / form.offset_groups; first < std::min(b + 32, cols); first += size) {
            int sum = 0;
            for (index k = first; k < std::min(first + size, cols); ++k) sum += a.q[static_cast<std::size_t>(k)];
            acc = multiply_add(group(first).offset, scale * static_cast<float>(sum), acc);
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

template <class F>
void matmul_bf16(packed_view<F> const& w, matrix_view<float const> x, matrix_view<float> y) {
    for (index i = 0; i < x.rows; ++i) {
        for (index r = 0; r < w.rows; ++r) y(i, r) = dot_bf16([&](index k) { return w(r, k); }, x.row(i));
    }
}

// The same on the integer path. Where sub-scales go into the integers (kernel/integer_form.hpp), the level of a weight
// is level * sub-scale and its scale the block's.
template <has_integer_levels F>
void matmul_integer(packed_view<F> const& w, matrix_view<float const> x, matrix_view<float> y, index activation_group) {
    constexpr float unit = facts_of<typename F::levels_type>.unit;
    for (index i = 0; i < x.rows; ++i) {
        int8_row const a(x.row(i), activation_group);
        for (index r = 0; r < w.rows; ++r) {
            auto const integer_level = [&](index k) {
                if constexpr (in_blocks<F>) {
                    auto const& block = w.row(r)[k / F::block_size];
                    int const   at    = static_cast<int>(k % F::block_size);
                    int const   level = static_cast<int>(F::level(F::code(block, at)) / unit);
                    if constexpr (folds_sub_scales<F>)
                        return level * F::sub_scale(one_block(block), at / F::group_size);
                    return level;
                } else {
                    return static_cast<int>(F::level(F::code(w.cell, r * w.cols + k)) / unit);
                }
            };
            auto const group = [&](index k) {
                affine p;
                if constexpr (in_blocks<F>) {
                    auto const& block = w.row(r)[k / F::block_size];
                    p                 = F::group(block, static_cast<int>(k % F::block_size) / group_size_of<F>);
                    if constexpr (folds_sub_scales<F>) p.scale = F::super_scale(one_block(block));
                } else {
                    p = F::group(w.cell, w.cell.geometry.group_of(r, k, w.cols));
                }
                p.scale *= unit;
                return p;
            };
            y(i, r) = dot_integer(integer_level, group, integer_form_of<F>, a, w.cols);
        }
    }
}

} // namespace qeval::reference
