// The paths whose sums are floats: a panel of weights is unpacked once, to f32 or to pairs of bf16, and multiplied with all
// columns. Numerics: dot_exact and dot_bf16 in kernel/reference.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/compute.hpp>
#include <qeval/kernel/cpu/column_tiles.hpp>
#include <qeval/kernel/cpu/gemv.hpp>
#include <qeval/kernel/cpu/panel.hpp>
#include <qeval/kernel/cpu/simd.hpp>
#include <qeval/kernel/cpu/unroll.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/kernel/tuning/cpu.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// What lies in a 32-bit lane of a panel, and one step of a chain of sums. Columns are dealt to words, words to four chains:
// chain = word mod 4.
struct f32_words {
    using word                     = float;
    static constexpr index columns = 1;

    static QEVAL_INLINE f32x16 step(f32x16 const& w, f32x16 const& x, f32x16 const& acc) { return multiply_add(w, x, acc); }

    // Word `at` of a row.
    static QEVAL_INLINE float of(std::span<float const> row, index at) { return row[static_cast<std::size_t>(at)]; }

    // 16 rows, columns [k0, k0 + length), to [chain][length / 4][stride]; operands rounded to the compute type.
    static void unpack(panel_source const& w, index row0, index k0, index length, float* out, index stride) {
        w.floats(row0, k0, length, out, stride);
    }
};
struct bf16_words { // two columns, the even one in the low half
    using word                     = std::int32_t;
    static constexpr index columns = 2;

    static QEVAL_INLINE f32x16 step(i32x16 const& w, i32x16 const& x, f32x16 const& acc) { return dot2(w, x, acc); }

    static QEVAL_INLINE std::int32_t of(std::span<float const> row, index at) {
        auto const half = [&](index k) -> std::uint32_t {
            if (k >= static_cast<index>(row.size())) return 0;
            std::uint32_t const bits = bf16::from(row[static_cast<std::size_t>(k)]).bits;
            return (bits & 0x7f80u) == 0 ? bits & 0x8000u : bits; // subnormal: zero
        };
        return static_cast<std::int32_t>(half(2 * at) | half(2 * at + 1) << 16);
    }
    static void unpack(panel_source const& w, index row0, index k0, index length, std::int32_t* out, index stride) {
        alignas(64) float values[tuning::k_chunk * 16];
        w.floats(row0, k0, length, values, 16);
        index const quarter = length / 4; // of the floats: chain k mod 4
        for (index at = 0; at < length / 2; ++at) {
            float const* const even = values + ((2 * at) % 4 * quarter + at / 2) * 16;
            bf16_pair(f32x16::load(even), f32x16::load(even + quarter * 16)).store(out + (at % 4 * (length / 8) + at / 4) * stride);
        }
    }
};

// x [n, cols] in the order the tiles read it: for each chunk of k, for each tile of C columns, [chain][word / 4][C]. Words
// are padded with zeros to a multiple of 4.
template <class Words>
class exact_activation final : public activation {
public:
    using word = typename Words::word;

    exact_activation(std::string_view input, matrix_view<float const> x, compute_type type, thread_pool& pool)
        : activation(input), words_((x.cols + 4 * Words::columns - 1) / (4 * Words::columns) * 4), values_(std::make_unique_for_overwrite<word[]>(static_cast<std::size_t>(words_ * x.rows))) {
        rows = x.rows, cols = x.cols;
        pool.for_chunks(x.rows, tuning::pack_columns, [&](index first, index last) {
            for_each_tile<tuning::exact_columns>(last - first, [&](index c, auto width) { place(x, type, first + c, width); });
        });
    }
    // Tile of columns [c, c + C) in the chunk of `length` words that starts at word w0.
    [[nodiscard]] word const* tile(index w0, index length, index c) const { return values_.get() + w0 * rows + c * length; }
    [[nodiscard]] index       words() const { return words_; }

private:
    template <class Width>
    void place(matrix_view<float const> x, compute_type type, index c, Width) {
        constexpr int   C     = Width::value;
        constexpr index chunk = tuning::k_chunk / Words::columns;
        index const     stored = (cols + Words::columns - 1) / Words::columns;
        for (index w0 = 0; w0 < words_; w0 += chunk) {
            index const length = std::min(chunk, words_ - w0), quarter = length / 4;
            word* const out    = values_.get() + w0 * rows + c * length;
            for (int i = 0; i < C; ++i) {
                auto const  row    = x.row(c + i);
                index const inside = std::min(length, stored - w0);
                for (index at = 0; at < inside; ++at) out[(at % 4 * quarter + at / 4) * C + i] = Words::of(row, w0 + at);
                for (index at = inside; at < length; ++at) out[(at % 4 * quarter + at / 4) * C + i] = 0;
            }
            if constexpr (Words::columns == 1) round_to(type, out, length * C);
        }
    }
    index                   words_;
    std::unique_ptr<word[]> values_;
};

// Sums of a strip of rows: of all chunks so far, of chains 0 + 1 and of chains 2 + 3 of the present one; [n][rows] each.
struct exact_sums {
    float *total, *first, *second;
    [[nodiscard]] exact_sums at(index i) const { return {total + i, first + i, second + i}; }
};

// One chain of a chunk: the products of 16 V rows with C columns.
//   panel [quarter][16 V], x [quarter][C]
template <class Words, int V, int C>
void exact_chain(typename Words::word const* panel, typename Words::word const* x, index quarter, int chain, exact_sums const& sums) {
    using lanes = lanes16<typename Words::word>;
    f32x16 acc[C][V];
    each<C>([&](auto c) QEVAL_LAMBDA_INLINE { each<V>([&](auto v) QEVAL_LAMBDA_INLINE { acc[c][v] = f32x16::all(0); }); });
    for (index j = 0; j < quarter; ++j, panel += 16 * V, x += C) {
        lanes w[V];
        each<V>([&](auto v) QEVAL_LAMBDA_INLINE { w[v] = lanes::load(panel + 16 * v); });
        each<C>([&](auto c) QEVAL_LAMBDA_INLINE {
            lanes const xc = lanes::all(x[c]);
            each<V>([&](auto v) QEVAL_LAMBDA_INLINE { acc[c][v] = Words::step(w[v], xc, acc[c][v]); });
        });
    }
    each<C>([&](auto c) QEVAL_LAMBDA_INLINE {
        each<V>([&](auto v) QEVAL_LAMBDA_INLINE {
            exact_sums const s   = sums.at((c * V + v) * 16);
            f32x16 const     sum = acc[c][v];
            switch (chain) {
            case 0: sum.store(s.first); break;
            case 1: (f32x16::load(s.first) + sum).store(s.first); break;
            case 2: sum.store(s.second); break;
            default: (f32x16::load(s.total) + (f32x16::load(s.first) + (f32x16::load(s.second) + sum))).store(s.total);
            }
        });
    });
}

// y [n, rows] = x W^T for rows [row0, row0 + 16 V); `panel` and `scratch` are scratch. A chain of the panel fits the first
// cache: all columns meet it before the next chain.
template <class Words, int V>
void exact_rows(panel_source const& w, exact_activation<Words> const& x, compute_type type, index row0, std::vector<typename Words::word>& panel,
                std::vector<float>& scratch, matrix_view<float> y) {
    constexpr index height = 16 * V, chunk = tuning::k_chunk / Words::columns;
    auto const      size   = static_cast<std::size_t>(x.rows * height);
    scratch.resize(3 * size);
    panel.resize(static_cast<std::size_t>(height * chunk));
    exact_sums const sums{scratch.data(), scratch.data() + size, scratch.data() + 2 * size};
    std::fill_n(sums.total, size, 0.0f);
    for (index w0 = 0; w0 < x.words(); w0 += chunk) {
        index const length = std::min(chunk, x.words() - w0), quarter = length / 4;
        for (int v = 0; v < V; ++v) {
            Words::unpack(w, std::min(row0 + 16 * v, w.rows() - 1), w0 * Words::columns, length * Words::columns, panel.data() + 16 * v, height);
        }
        if constexpr (Words::columns == 1) round_to(type, panel.data(), length * height);
        if (w0 + length < x.words()) w.prefetch(row0, height, (w0 + length) * Words::columns, chunk * Words::columns);
        for (int chain = 0; chain < 4; ++chain) {
            // tiles are dealt per task of the activation's packing, so walk the same pieces
            for (index first = 0; first < x.rows; first += tuning::pack_columns) {
                for_each_tile<tuning::exact_columns>(std::min(tuning::pack_columns, x.rows - first), [&](index c, auto width) {
                    constexpr int C = decltype(width)::value;
                    exact_chain<Words, V, C>(panel.data() + chain * quarter * height, x.tile(w0, length, first + c) + chain * quarter * C, quarter, chain,
                                             sums.at((first + c) * height));
                });
            }
        }
    }
    round_to(type, sums.total, x.rows * height);
    for (index i = 0; i < x.rows; ++i) write_rows<V>(sums.total + i * height, w.rows() - row0, &y(i, row0));
}

// y [n, rows] = x W^T
template <class Words>
void matmul_exact(panel_source const& w, exact_activation<Words> const& x, compute_type type, matrix_view<float> y, thread_pool& pool) {
    if constexpr (std::is_same_v<Words, f32_words>) {
        if (type == compute_type::f32 && x.rows == 1 && w.runs_exact_columns()) return gemv(w, x.tile(0, 0, 0), y, pool);
    }
    constexpr index height = 16 * tuning::exact_vectors;
    pool.for_chunks((w.rows() + height - 1) / height, 1, [&](index b, index e) {
        thread_local std::vector<typename Words::word> panel;
        thread_local std::vector<float>                sums;
        for (index block = b; block < e; ++block) {
            if (w.rows() - block * height > height - 16) {
                exact_rows<Words, tuning::exact_vectors>(w, x, type, block * height, panel, sums, y);
            } else { // the last rows, 16 at a time
                for (index r = block * height; r < w.rows(); r += 16) exact_rows<Words, 1>(w, x, type, r, panel, sums, y);
            }
        }
    });
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
