// The integer path: activations become int8, codes stay integers, groups are scaled exactly. Numerics: dot_integer in
// kernel/reference.hpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/column_tiles.hpp>
#include <qeval/kernel/cpu/panel.hpp>
#include <qeval/kernel/cpu/simd.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/kernel/tuning/cpu.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

enum class activation_group { columns_32, token }; // what shares one scale

// 32 columns of k for a tile of C columns of y.
template <int C>
struct integer_tile {
    std::int32_t words[8][C]; // four int8 each
    float        scale[C];
    std::int32_t sum[2][C]; // of 16 values each
};
inline constexpr index integer_tile_bytes = 8 * 4 + 4 + 2 * 4; // for one column

// x [n, cols] as int8: for each tile of C columns, [k / 32] tiles. k is padded with zeros to a multiple of 32.
class integer_activation final : public activation {
public:
    integer_activation(matrix_view<float const> x, activation_group group, thread_pool& pool)
        : activation(kind_of(group)), blocks_((x.cols + 31) / 32),
          bytes_(static_cast<std::size_t>(blocks_ * x.rows * integer_tile_bytes)) {
        rows = x.rows, cols = x.cols;
        pool.for_chunks(x.rows, tuning::pack_columns, [&](index first, index last) {
            std::vector<std::int8_t> q(static_cast<std::size_t>(blocks_ * 32));
            for_each_tile<tuning::integer_columns>(last - first, [&](index c, auto width) { place(x, group, first + c, q, width); });
        });
    }
    [[nodiscard]] static constexpr std::string_view kind_of(activation_group g) {
        return g == activation_group::columns_32 ? "int8/32" : "int8/token";
    }
    template <int C>
    [[nodiscard]] integer_tile<C> const* tile(index c) const {
        return reinterpret_cast<integer_tile<C> const*>(bytes_.data() + c * blocks_ * integer_tile_bytes);
    }
    [[nodiscard]] index blocks() const { return blocks_; }

private:
    template <class Width>
    void place(matrix_view<float const> x, activation_group group, index c, std::vector<std::int8_t>& q, Width) {
        constexpr int C   = Width::value;
        auto* const   out = reinterpret_cast<integer_tile<C>*>(bytes_.data() + c * blocks_ * integer_tile_bytes);
        for (int i = 0; i < C; ++i) {
            auto const  row  = x.row(c + i);
            index const size = group == activation_group::token ? cols : 32;
            std::fill(q.begin(), q.end(), std::int8_t{0});
            for (index g = 0; g < cols; g += size) {
                index const end = std::min(cols, g + size);
                float       top = 0;
                for (index k = g; k < end; ++k) top = std::max(top, std::fabs(row[static_cast<std::size_t>(k)]));
                float const inverse = top > 0 ? 127.0f / top : 0.0f;
                for (index k = g; k < end; ++k) {
                    float const scaled = row[static_cast<std::size_t>(k)] * inverse;
                    // adding 1.5 * 2^23 rounds to nearest even, as nearbyint does, and vectorises
                    q[static_cast<std::size_t>(k)] = static_cast<std::int8_t>(static_cast<int>((scaled + 12582912.0f) - 12582912.0f));
                }
                for (index b = g / 32; b * 32 < end; ++b) out[b].scale[i] = top / 127.0f;
            }
            for (index b = 0; b < blocks_; ++b) {
                std::int8_t const* const p = q.data() + b * 32;
                for (int w = 0; w < 8; ++w) std::memcpy(&out[b].words[w][i], p + 4 * w, 4);
                for (int h = 0; h < 2; ++h) {
                    std::int32_t sum = 0;
                    for (int k = 0; k < 16; ++k) sum += p[h * 16 + k];
                    out[b].sum[h][i] = sum;
                }
            }
        }
    }
    index                  blocks_;
    std::vector<std::byte> bytes_;
};

// total[c][16] += n / 32 blocks of a 16-row panel times C columns; Groups in 32 columns, as the format has them.
template <int Groups, int C>
void integer_tile_rows(integer_panel const& w, integer_tile<C> const* x, index blocks, float* total) {
    f32x16 acc[C];
#pragma GCC unroll 8
    for (int c = 0; c < C; ++c) acc[c] = f32x16::load(total + 16 * c);
    auto const* words = reinterpret_cast<std::int32_t const*>(w.words);
    for (index b = 0; b < blocks; ++b, words += 8 * 16) {
        f32x16 t[C];
#pragma GCC unroll 2
        for (int g = 0; g < Groups; ++g) {
            constexpr int in_group = 8 / Groups; // words
            index const   p        = (b * Groups + g) * 16;
            i32x16 const  zero     = i32x16::load(w.zeros + p);
            i32x16        dot[C];
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) {
                dot[c] = zero * i32x16::all(Groups == 1 ? x[b].sum[0][c] + x[b].sum[1][c] : x[b].sum[g][c]);
            }
#pragma GCC unroll 8
            for (int k = 0; k < in_group; ++k) {
                i32x16 const wk = i32x16::load(words + (g * in_group + k) * 16);
#pragma GCC unroll 8
                for (int c = 0; c < C; ++c) dot[c] = dot4(dot[c], wk, x[b].words[g * in_group + k][c]);
            }
            f32x16 const scale = f32x16::load(w.scales + p);
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) t[c] = g == 0 ? to_float(dot[c]) * scale : multiply_add(to_float(dot[c]), scale, t[c]);
        }
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) acc[c] = multiply_add(t[c], f32x16::all(x[b].scale[c]), acc[c]);
#pragma GCC unroll 2
        for (int g = 0; g < Groups; ++g) {
            f32x16 const offset = f32x16::load(w.offsets + (b * Groups + g) * 16);
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) {
                int const sum = Groups == 1 ? x[b].sum[0][c] + x[b].sum[1][c] : x[b].sum[g][c];
                acc[c]        = multiply_add(offset, f32x16::all(x[b].scale[c] * static_cast<float>(sum)), acc[c]);
            }
        }
    }
#pragma GCC unroll 8
    for (int c = 0; c < C; ++c) acc[c].store(total + 16 * c);
}

// Scratch of one thread: the panels of a row block for one stretch of k, and the block's sums.
struct integer_scratch {
    std::vector<std::uint32_t> words;
    std::vector<float>         scales, offsets, total;
    std::vector<std::int32_t>  zeros;

    void fit(index panels, index columns) {
        constexpr index blocks = tuning::k_integer / 32;
        words.resize(static_cast<std::size_t>(panels * blocks * 8 * 16));
        scales.resize(static_cast<std::size_t>(panels * blocks * 2 * 16));
        offsets.resize(scales.size());
        zeros.resize(scales.size());
        total.assign(static_cast<std::size_t>(panels * columns * 16), 0.0f);
    }
    [[nodiscard]] integer_panel panel(index p) {
        constexpr index blocks = tuning::k_integer / 32;
        index const     a      = p * blocks * 2 * 16;
        return {words.data() + p * blocks * 8 * 16, scales.data() + a, offsets.data() + a, zeros.data() + a};
    }
};

// y [n, rows] = x W^T
inline void matmul_integer(panel_source const& w, integer_activation const& x, matrix_view<float> y, thread_pool& pool) {
    index const panels = (w.rows() + 15) / 16;
    int const   groups = w.integer_groups();
    // few panels at a time when there are few: every thread gets work
    index const together = std::clamp<index>(panels / (2 * pool.size()), 1, tuning::integer_panels);
    pool.for_chunks(panels, together, [&](index first, index last) {
        thread_local integer_scratch s;
        s.fit(last - first, x.rows);
        for (index k0 = 0; k0 < x.blocks() * 32; k0 += tuning::k_integer) {
            index const n = std::min(tuning::k_integer, x.blocks() * 32 - k0);
            for (index p = first; p < last; ++p) w.integers(p * 16, k0, n, s.panel(p - first));
            for (index piece = 0; piece < x.rows; piece += tuning::pack_columns) {
                for_each_tile<tuning::integer_columns>(std::min(tuning::pack_columns, x.rows - piece), [&](index c, auto width) {
                    constexpr int C  = decltype(width)::value;
                    auto const*   xt = x.tile<C>(piece + c) + k0 / 32;
                    for (index p = 0; p < last - first; ++p) {
                        float* const total = s.total.data() + (p * x.rows + piece + c) * 16;
                        if (groups == 1) {
                            integer_tile_rows<1, C>(s.panel(p), xt, n / 32, total);
                        } else {
                            integer_tile_rows<2, C>(s.panel(p), xt, n / 32, total);
                        }
                    }
                });
            }
        }
        for (index p = first; p < last; ++p) {
            index const valid = std::min<index>(16, w.rows() - p * 16);
            for (index i = 0; i < x.rows; ++i) {
                std::copy_n(s.total.data() + ((p - first) * x.rows + i) * 16, valid, &y(i, p * 16));
            }
        }
    });
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
