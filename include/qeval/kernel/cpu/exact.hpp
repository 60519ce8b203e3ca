// The exact path: a panel of weights is unpacked to f32 once and multiplied with all columns. Numerics: dot_exact in
// kernel/reference.hpp.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/compute.hpp>
#include <qeval/kernel/cpu/column_tiles.hpp>
#include <qeval/kernel/cpu/panel.hpp>
#include <qeval/kernel/cpu/simd.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/kernel/tuning/cpu.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// x [n, cols] in the order the tiles read it: for each chunk of k, for each tile of C columns, [chain][k / 4][C]. Columns
// are padded with zeros to a multiple of 4.
class exact_activation final : public activation {
public:
    exact_activation(matrix_view<float const> x, compute_type type, thread_pool& pool)
        : activation(name_of(type)), padded_((x.cols + 3) / 4 * 4), values_(static_cast<std::size_t>(padded_ * x.rows)) {
        rows = x.rows, cols = x.cols;
        pool.for_chunks(x.rows, tuning::pack_columns, [&](index first, index last) {
            for_each_tile<tuning::exact_columns>(last - first, [&](index c, auto width) { place(x, type, first + c, width); });
        });
    }
    // Tile of columns [c, c + C) in the chunk that starts at k0 and has `length` columns.
    [[nodiscard]] float const* tile(index k0, index length, index c) const { return values_.data() + k0 * rows + c * length; }
    [[nodiscard]] index        padded() const { return padded_; }

private:
    template <class Width>
    void place(matrix_view<float const> x, compute_type type, index c, Width) {
        constexpr int C = Width::value;
        for (index k0 = 0; k0 < padded_; k0 += tuning::k_chunk) {
            index const length = std::min(tuning::k_chunk, padded_ - k0);
            float*      out    = values_.data() + k0 * rows + c * length;
            for (int i = 0; i < C; ++i) {
                auto const row = x.row(c + i);
                for (index k = 0; k < std::min(length, cols - k0); ++k) {
                    out[(k % 4 * (length / 4) + k / 4) * C + i] = row[static_cast<std::size_t>(k0 + k)];
                }
            }
            round_to(type, out, length * C);
        }
    }
    index              padded_;
    std::vector<float> values_;
};

// total[c][rows] += the chunk's dot products of 16 V rows with C columns.
//   panel [chain][quarter][16 V], x [chain][quarter][C]
template <int V, int C>
void exact_tile(float const* panel, float const* x, index quarter, float* total) {
    f32x16 half[2][C][V]; // c0 + c1 and c2 + c3
#pragma GCC unroll 4
    for (int chain = 0; chain < 4; ++chain) {
        f32x16 acc[C][V];
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) {
#pragma GCC unroll 4
            for (int v = 0; v < V; ++v) acc[c][v] = f32x16::all(0);
        }
        for (index j = 0; j < quarter; ++j, panel += 16 * V, x += C) {
            f32x16 w[V];
#pragma GCC unroll 4
            for (int v = 0; v < V; ++v) w[v] = f32x16::load(panel + 16 * v);
#pragma GCC unroll 8
            for (int c = 0; c < C; ++c) {
                f32x16 const xc = f32x16::all(x[c]);
#pragma GCC unroll 4
                for (int v = 0; v < V; ++v) acc[c][v] = multiply_add(w[v], xc, acc[c][v]);
            }
        }
#pragma GCC unroll 8
        for (int c = 0; c < C; ++c) {
#pragma GCC unroll 4
            for (int v = 0; v < V; ++v) half[chain / 2][c][v] = chain % 2 == 0 ? acc[c][v] : half[chain / 2][c][v] + acc[c][v];
        }
    }
#pragma GCC unroll 8
    for (int c = 0; c < C; ++c) {
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) {
            float* const t = total + (c * V + v) * 16;
            (f32x16::load(t) + (half[0][c][v] + half[1][c][v])).store(t);
        }
    }
}

// y [n, rows] = x W^T for rows [row0, row0 + 16 V); `panel` and `total` are scratch.
template <int V>
void exact_rows(panel_source const& w, exact_activation const& x, compute_type type, index row0, std::vector<float>& panel,
                std::vector<float>& total, matrix_view<float> y) {
    constexpr index height = 16 * V;
    total.assign(static_cast<std::size_t>(x.rows * height), 0.0f);
    panel.resize(static_cast<std::size_t>(height * tuning::k_chunk));
    for (index k0 = 0; k0 < x.padded(); k0 += tuning::k_chunk) {
        index const length = std::min(tuning::k_chunk, x.padded() - k0);
        for (int v = 0; v < V; ++v) w.floats(row0 + 16 * v, k0, length, panel.data() + 16 * v, height);
        round_to(type, panel.data(), length * height);
        // tiles are dealt per task of the activation's packing, so walk the same pieces
        for (index first = 0; first < x.rows; first += tuning::pack_columns) {
            for_each_tile<tuning::exact_columns>(std::min(tuning::pack_columns, x.rows - first), [&](index c, auto width) {
                exact_tile<V, decltype(width)::value>(panel.data(), x.tile(k0, length, first + c), length / 4,
                                                      total.data() + (first + c) * height);
            });
        }
    }
    index const valid = std::min(height, w.rows() - row0);
    for (index i = 0; i < x.rows; ++i) {
        float const* const t = total.data() + i * height;
        for (index r = 0; r < valid; ++r) y(i, row0 + r) = qeval::round_to(type, t[r]);
    }
}

// y [n, rows] = x W^T
inline void matmul_exact(panel_source const& w, exact_activation const& x, compute_type type, matrix_view<float> y, thread_pool& pool) {
    constexpr index height = 16 * tuning::exact_vectors;
    pool.for_chunks((w.rows() + height - 1) / height, 1, [&](index b, index e) {
        thread_local std::vector<float> panel, total;
        for (index block = b; block < e; ++block) {
            if (w.rows() - block * height > height - 16) {
                exact_rows<tuning::exact_vectors>(w, x, type, block * height, panel, total, y);
            } else { // the last rows, 16 at a time
                for (index r = block * height; r < w.rows(); r += 16) exact_rows<1>(w, x, type, r, panel, total, y);
            }
        }
    });
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
