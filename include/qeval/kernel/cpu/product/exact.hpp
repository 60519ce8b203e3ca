// The paths whose sums are floats: a panel of weights is unpacked once, to f32 or to pairs of bf16, and multiplied with
// all tokens. Numerics: dot_exact and dot_bf16 in kernel/reference.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/compute.hpp>
#include <qeval/kernel/cpu/panel/panel.hpp>
#include <qeval/kernel/cpu/simd/scratch.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/token/row_product.hpp>
#include <qeval/kernel/cpu/token/token_tiles.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/kernel/tuning/cpu.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// What lies in a 32-bit lane of a panel, and one step of a chain of sums. Depths are dealt to words, words to four
// chains: chain = word mod 4.
struct f32_words {
    using word                   = float;
    static constexpr index depth = 1;

    // Word `at` of a row.
    static QEVAL_INLINE float of(std::span<float const> row, index at) { return row[static_cast<std::size_t>(at)]; }

    // 16 rows, depths [k0, k0 + length), to [chain][length / 4][stride]; operands rounded to the compute type.
    static void unpack(panel_source const& w, index row0, index k0, index length, float* out, index stride) {
        w.floats(row0, k0, length, out, stride);
    }
};
struct bf16_words { // two depths, the even one in the low half
    using word                   = std::int32_t;
    static constexpr index depth = 2;

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
            bf16_pair(f32x16::load(even), f32x16::load(even + quarter * 16))
                .store(out + (at % 4 * (length / 8) + at / 4) * stride);
        }
    }
};

// x [n, cols] in the order the tiles read it: for each chunk of k, for each piece of tuning::pack_tokens tokens, for
// each chain, for each tile of C tokens, [word / 4][C]. Words are padded with zeros to a multiple of 4.
template <class Words>
class exact_activation final : public activation {
public:
    using word = typename Words::word;

    exact_activation(std::string_view input, input_rows const& x, compute_type type, thread_pool& pool)
        : activation(input),
          words_((x.cols + 4 * Words::depth - 1) / (4 * Words::depth) * 4),
          values_(std::make_unique_for_overwrite<word[]>(static_cast<std::size_t>(words_ * x.rows))) {
        rows = x.rows, cols = x.cols;
        pool.for_chunks(x.rows, tuning::pack_tokens, [&](index first, index last) {
            thread_local scratch<float> made;
            auto const                  own =
                x.slice(first, last - first, [](index n) { return made.room(static_cast<std::size_t>(n)); });
            for_each_tile<tuning::exact_tokens>(last - first,
                                                [&](index c, auto width) { place(own, type, first, c, width); });
        });
    }
    // The chunk of `length` words that starts at word w0, chain `chain` of the tile that begins c tokens after token
    // `piece`.
    [[nodiscard]] word const* tile(index w0, index length, int chain, index piece, index c) const {
        index const tokens = std::min(tuning::pack_tokens, rows - piece);
        return values_.get() + w0 * rows + piece * length + length / 4 * (chain * tokens + c);
    }
    [[nodiscard]] index       words() const { return words_; }
    [[nodiscard]] word const* token() const {
        return values_.get();
    } // the only one: chunk after chunk, [chain][word / 4]

private:
    template <class Width>
    void place(matrix_view<float const> x, compute_type type, index piece, index c,
               Width) { // row 0 of x is token `piece`
        constexpr int   C      = Width::value;
        constexpr index chunk  = tuning::k_chunk / Words::depth;
        index const     stored = (cols + Words::depth - 1) / Words::depth;
        for (index w0 = 0; w0 < words_; w0 += chunk) {
            index const length = std::min(chunk, words_ - w0), quarter = length / 4,
                        inside = std::min(length, stored - w0);
            for (int chain = 0; chain < 4; ++chain) {
                auto* const out = const_cast<word*>(tile(w0, length, chain, piece, c));
                for (int i = 0; i < C; ++i) {
                    auto const row = x.row(c + i);
                    for (index j = 0; j < quarter; ++j)
                        out[j * C + i] = 4 * j + chain < inside ? Words::of(row, w0 + 4 * j + chain) : word{0};
                }
                if constexpr (Words::depth == 1) round_to(type, out, quarter * C);
            }
        }
    }
    index                   words_;
    std::unique_ptr<word[]> values_;
};

// Sums of 16 V rows: of all chunks so far, and, of the present one, of chains 0 + 1 and of chains 2 + 3; [n][16 V]
// each.
struct exact_sums {
    float *total, *first, *second;
};

// One chain of a chunk: the products of 16 V rows with C tokens.
//   panel [quarter][16 V], x [quarter][C]
template <class Words, int V, int C>
QEVAL_FLATTEN void exact_tile(typename Words::word const* panel, typename Words::word const* x, index quarter,
                              int chain, exact_sums const& sums) {
    using lanes = lanes16<typename Words::word>;
    f32x16 acc[C][V];
    QEVAL_UNROLL
    for (int c = 0; c < C; ++c) {
        QEVAL_UNROLL
        for (int v = 0; v < V; ++v) acc[c][v] = f32x16::all(0);
    }
#pragma GCC unroll tuning::exact_unroll
    for (index j = 0; j < quarter; ++j, panel += 16 * V, x += C) {
        lanes w[V];
        QEVAL_UNROLL
        for (int v = 0; v < V; ++v) w[v] = lanes::load(panel + 16 * v);
        QEVAL_UNROLL
        for (int c = 0; c < C; ++c) {
            lanes const xc = lanes::all(x[c]);
            QEVAL_UNROLL
            for (int v = 0; v < V; ++v) acc[c][v] = multiply_add(w[v], xc, acc[c][v]);
        }
    }
    QEVAL_UNROLL
    for (int c = 0; c < C; ++c) {
        QEVAL_UNROLL
        for (int v = 0; v < V; ++v) {
            int const    at    = (c * V + v) * 16;
            f32x16 const sum   = acc[c][v];
            float *const first = sums.first + at, *const second = sums.second + at, *const total = sums.total + at;
            switch (chain) {
            case 0:
                sum.store(first);
                break;
            case 1:
                (f32x16::load(first) + sum).store(first);
                break;
            case 2:
                sum.store(second);
                break;
            default:
                (f32x16::load(total) + (f32x16::load(first) + (f32x16::load(second) + sum))).store(total);
            }
        }
    }
}

// The kernels of exact_tile by the number of tokens in a tile.
template <class Words, int V>
inline constexpr auto exact_tiles = by_width<tuning::exact_tokens>([](auto width) {
    return &exact_tile<Words, V, decltype(width)::value>;
});

// What a thread unpacks strips of rows to, the sums of those rows, [strip][n][16 V], and sums of chains.
template <class Words>
struct exact_scratch {
    scratch<typename Words::word> panel;
    scratch<float>                total, chains;
};

// total += one chunk of k, `length` words from w0 on, of `strips` strips of 16 V rows that are unpacked in `panel`. A
// piece of the tokens stays in the second cache while all strips meet it; a chain of a few strips stays in the first
// one while all tokens of the piece meet it.
template <class Words, int V>
void exact_chunk(typename Words::word const* panel, exact_activation<Words> const& x, index w0, index length,
                 index strips, exact_scratch<Words>& own, float* total) {
    constexpr index height = 16 * V, near = tuning::exact_near_strips, sums = near * tuning::pack_tokens * height;
    float* const    chains = own.chains.room(2 * sums);
    for (index piece = 0; piece < x.rows; piece += tuning::pack_tokens) {
        for (index strip0 = 0; strip0 < strips; strip0 += near) {
            for (int chain = 0; chain < 4; ++chain) {
                index const tokens = std::min(tuning::pack_tokens, x.rows - piece);
                for (index c = 0, width = 0; c < tokens; c += width) {
                    width                = tile_width<tuning::exact_tokens>(tokens - c);
                    auto* const multiply = exact_tiles<Words, V>[std::size_t(width)];
                    auto* const xc       = x.tile(w0, length, chain, piece, c);
                    for (index strip = strip0; strip < std::min(strip0 + near, strips); ++strip) {
                        float* const own_chains = chains + ((strip - strip0) * tuning::pack_tokens + c) * height;
                        multiply(panel + (strip * length + chain * (length / 4)) * height, xc, length / 4, chain,
                                 {total + (strip * x.rows + piece + c) * height, own_chains, own_chains + sums});
                    }
                }
            }
        }
    }
}

// y [n, rows of `strips` strips of 16 V rows from row0 on] = x W^T
template <class Words, int V>
void exact_rows(panel_source const& w, exact_activation<Words> const& x, compute_type type, index row0, index strips,
                exact_scratch<Words>& own, matrix_view<float> y) {
    constexpr index height = 16 * V, chunk = tuning::k_chunk / Words::depth;
    auto* const     panel = own.panel.room(static_cast<std::size_t>(strips * height * chunk));
    float* const    total = own.total.room(static_cast<std::size_t>(strips * height * x.rows));
    std::fill_n(total, strips * height * x.rows, 0.0f);
    for (index w0 = 0; w0 < x.words(); w0 += chunk) {
        index const length = std::min(chunk, x.words() - w0);
        for (index v = 0; v < V * strips; ++v) {
            Words::unpack(w, std::min(row0 + 16 * v, w.rows() - 1), w0 * Words::depth, length * Words::depth,
                          panel + v / V * length * height + v % V * 16, height);
        }
        if constexpr (Words::depth == 1) round_to(type, panel, strips * length * height);
        if (w0 + length < x.words())
            w.prefetch(row0, strips * height, (w0 + length) * Words::depth, chunk * Words::depth);
        exact_chunk<Words, V>(panel, x, w0, length, strips, own, total);
    }
    round_to(type, total, strips * height * x.rows);
    for (index i = 0; i < x.rows; ++i) {
        for (index strip = 0; strip < strips; ++strip) {
            index const row = row0 + strip * height;
            write_rows<V>(total + (strip * x.rows + i) * height, w.rows() - row, &y(i, row - row0));
        }
    }
}

// A unit is a strip of rows; the last one, if it is short, goes 16 rows at a time.
template <class Words>
class exact_product final : public row_product {
    static constexpr int V = tuning::exact_vectors;

public:
    exact_product(panel_source const& w, exact_activation<Words> const& x, compute_type type, int threads)
        : row_product(w.rows(), 16 * V), w_(&w), x_(&x), type_(type), full_((w.rows() + 15) / height()) {
        deal(tuning::exact_strips, threads, 4);
    }
    void run(index begin, index end, matrix_view<float> y) const override {
        thread_local exact_scratch<Words> own;
        index const                       rest = std::max(begin, full_);
        if (begin < full_) exact_rows<Words, V>(*w_, *x_, type_, row(begin), std::min(end, full_) - begin, own, y);
        if (end <= full_) return;
        index const at = row(rest) - row(begin), rows = row(end) - row(rest);
        exact_rows<Words, 1>(*w_, *x_, type_, row(rest), (rows + 15) / 16, own, {&y(0, at), y.rows, rows, y.stride});
    }

private:
    panel_source const*            w_;
    exact_activation<Words> const* x_;
    compute_type                   type_;
    index                          full_;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
