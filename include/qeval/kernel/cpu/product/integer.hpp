// The integer path: bytes times bytes, sums in int32, groups scaled exactly. Numerics: dot_integer in
// kernel/reference.hpp.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/panel/panel.hpp>
#include <qeval/kernel/cpu/simd/scratch.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/simd/unroll.hpp>
#include <qeval/kernel/cpu/token/integer_activation.hpp>
#include <qeval/kernel/cpu/token/row_product.hpp>
#include <qeval/kernel/cpu/token/token_tiles.hpp>
#include <qeval/kernel/tuning/cpu.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// What the integer sums of a matrix begin with, for every block of the activations: (lowest + offset) * (sum of the
// activations), and the bias that turns the bits of a sum into a float.
inline std::vector<std::int32_t> starting_sums(integer_form const& form, int offset, integer_activation const& x) {
    auto const                sums = x.sums(form.scale_groups);
    std::vector<std::int32_t> start(sums.begin(), sums.end());
    std::int32_t const        bias = form.short_scales ? rounding_bias_bits : 0, lowest = form.lowest + offset;
    index                     i = 0;
    for (auto const n = static_cast<index>(start.size()); i + 16 <= n; i += 16) {
        (i32x16::load(start.data() + i) * i32x16::all(lowest) + i32x16::all(bias)).store(start.data() + i);
    }
    for (; i < static_cast<index>(start.size()); ++i) start[std::size_t(i)] = lowest * start[std::size_t(i)] + bias;
    return start;
}

// A tile of the activations: [blocks], with the sums of the activations, [blocks][Groups][C], and what dots begin with.
template <int C>
struct integer_tile_view {
    integer_inputs<C> const* inputs;
    std::int32_t const*      sums;
    std::int32_t const*      start;
};

// total[c][v][16] += `blocks` blocks of 32 depths: 16 V rows times C tokens. A group of 8 / Groups words is a chain
// of byte dot products for each output; then t = sum * scale, which for short scales is one FMA on the biased sum, and
// total += t * (scale of the activation).
template <int Groups, int Bits, int V, int C>
QEVAL_FLATTEN void integer_tile(integer_panel const& w, integer_tile_view<C> x, index blocks, float* total) {
    f32x16 acc[C][V];
    QEVAL_UNROLL
    for (int c = 0; c < C; ++c) {
        QEVAL_UNROLL
        for (int v = 0; v < V; ++v) {
            acc[c][v] = f32x16::load(total + (c * V + v) * 16);
        }
    }
    index const         size  = index{w.record()} * V * 16;
    std::int32_t const* block = w.data;
    for (index b = 0; b < blocks; ++b, block += size, ++x.inputs, x.start += Groups * C, x.sums += Groups * C) {
        auto const entry  = [block](int e) QEVAL_LAMBDA_INLINE { return block + e * V * 16; };
        auto const number = [&](int e, int v) QEVAL_LAMBDA_INLINE {
            return f32x16::load(reinterpret_cast<float const*>(entry(e)) + 16 * v);
        };
        each<Groups>([&](auto g) QEVAL_LAMBDA_INLINE {
            using sum = byte_sum<Bits, 8 / Groups>;
            sum sums[C][V];
            QEVAL_UNROLL
            for (int c = 0; c < C; ++c) {
                QEVAL_UNROLL
                for (int v = 0; v < V; ++v) {
                    sums[c][v].begin(x.start[g * C + c]);
                }
            }
            each<8 / Groups>([&](auto k) QEVAL_LAMBDA_INLINE {
                constexpr int         word = g * (8 / Groups) + k;
                typename sum::weights four[V];
                QEVAL_UNROLL
                for (int v = 0; v < V; ++v) {
                    four[v] = sum::prepared(i32x16::load(entry(word) + 16 * v));
                }
                QEVAL_UNROLL
                for (int c = 0; c < C; ++c) {
                    QEVAL_UNROLL
                    for (int v = 0; v < V; ++v) {
                        sums[c][v].template add<k>(four[v], x.inputs->words[word][c]);
                    }
                }
            });
            i32x16 dot[C][V];
            QEVAL_UNROLL
            for (int c = 0; c < C; ++c) {
                QEVAL_UNROLL
                for (int v = 0; v < V; ++v) {
                    dot[c][v] = sums[c][v].sum();
                }
            }
            if (w.form.row_zeros) {
                QEVAL_UNROLL
                for (int v = 0; v < V; ++v) {
                    i32x16 const zero = i32x16::load(entry(w.zeros() + g) + 16 * v);
                    QEVAL_UNROLL
                    for (int c = 0; c < C; ++c) {
                        dot[c][v] = dot[c][v] + zero * i32x16::all(x.sums[g * C + c]);
                    }
                }
            }
            f32x16 scale[V];
            QEVAL_UNROLL
            for (int v = 0; v < V; ++v) {
                scale[v] = number(integer_panel::codes + g, v);
            }
            if (w.form.short_scales) {
                f32x16 bias[V];
                QEVAL_UNROLL
                for (int v = 0; v < V; ++v) {
                    bias[v] = number(integer_panel::codes + Groups + g, v);
                }
                QEVAL_UNROLL
                for (int c = 0; c < C; ++c) {
                    QEVAL_UNROLL
                    for (int v = 0; v < V; ++v) {
                        acc[c][v] = multiply_add(multiply_add(as_floats(dot[c][v]), scale[v], bias[v]),
                                                 f32x16::all(x.inputs->scale[c]), acc[c][v]);
                    }
                }
            } else {
                QEVAL_UNROLL
                for (int c = 0; c < C; ++c) {
                    QEVAL_UNROLL
                    for (int v = 0; v < V; ++v) {
                        acc[c][v] =
                            multiply_add(to_float(dot[c][v]) * scale[v], f32x16::all(x.inputs->scale[c]), acc[c][v]);
                    }
                }
            }
        });
        for (int g = 0; g < w.form.offset_groups; ++g) {
            float const* const sum = x.inputs->sum[w.form.offset_groups == 1 ? 0 : 1 + g];
            QEVAL_UNROLL
            for (int v = 0; v < V; ++v) {
                f32x16 const offset = number(w.offsets() + g, v);
                QEVAL_UNROLL
                for (int c = 0; c < C; ++c) {
                    acc[c][v] = multiply_add(offset, f32x16::all(sum[c]), acc[c][v]);
                }
            }
        }
    }
    QEVAL_UNROLL
    for (int c = 0; c < C; ++c) {
        QEVAL_UNROLL
        for (int v = 0; v < V; ++v) {
            acc[c][v].store(total + (c * V + v) * 16);
        }
    }
}

// Scratch of one thread: the panel of 16 V rows for one chunk of k, and the sums of a strip of rows.
struct integer_scratch {
    scratch<std::int32_t> panel;
    scratch<float>        total;
};

// Rows [strip * 16 V, ...) of the chunk of k that starts at block b0.
template <int Bits, int V>
void integer_strip(panel_source const& w, integer_activation const& x, std::vector<std::int32_t> const& start,
                   index strip, index b0, index blocks, integer_panel panel, float* total) {
    for (panel.vector = 0; panel.vector < V; ++panel.vector) {
        index const row0 = (strip * V + panel.vector) * 16;
        if (row0 < w.rows()) w.integers(row0, b0 * 32, blocks * 32, panel);
    }
    panel.vector      = 0;
    int const  groups = panel.form.scale_groups;
    auto const sums   = x.sums(groups);
    for_each_tile<tuning::integer_tokens>(x.rows, [&](index c, auto width) {
        constexpr int              C  = decltype(width)::value;
        auto const                 at = static_cast<std::size_t>((b0 * x.rows + c * blocks) * groups);
        integer_tile_view<C> const tile{x.tile<C>(b0, blocks, c), sums.data() + at, start.data() + at};
        float* const               t = total + c * V * 16;
        groups == 1 ? integer_tile<1, Bits, V, C>(panel, tile, blocks, t)
                                  : integer_tile<2, Bits, V, C>(panel, tile, blocks, t);
    });
}

// The product for bytes that a byte_sum of so many bits serves. A unit is a strip of rows.
template <int Bits>
class integer_product final : public row_product {
    static constexpr int V = tuning::integer_vectors;

public:
    integer_product(panel_source const& w, integer_activation const& x, int threads)
        : row_product(w.rows(), 16 * V),
          w_(&w),
          x_(&x),
          form_(w.integers_as()),
          start_(starting_sums(form_, byte_sum<Bits, 1>::offset, x)) {
        deal(tuning::integer_strips, threads, 4);
    }
    void run(index first, index last, matrix_view<float> y) const override {
        thread_local integer_scratch s;
        auto const&                  x     = *x_;
        integer_panel                panel = {nullptr, V, 0, form_};
        panel.data         = s.panel.room(static_cast<std::size_t>(tuning::chunk_blocks * panel.record() * height()));
        float* const total = s.total.room(static_cast<std::size_t>((last - first) * x.rows * height()));
        std::fill_n(total, (last - first) * x.rows * height(), 0.0f);
        for (index b0 = 0; b0 < x.blocks(); b0 += tuning::chunk_blocks) {
            index const blocks = std::min(tuning::chunk_blocks, x.blocks() - b0);
            for (index p = first; p < last; ++p) {
                bool const more = p + 1 < last || b0 + tuning::chunk_blocks < x.blocks();
                if (more)
                    w_->prefetch((p + 1 < last ? p + 1 : first) * height(), height(),
                                 (p + 1 < last ? b0 : b0 + blocks) * 32, tuning::chunk_blocks * 32);
                integer_strip<Bits, V>(*w_, x, start_, p, b0, blocks, panel, total + (p - first) * x.rows * height());
            }
        }
        for (index i = 0; i < x.rows; ++i) { // the only writes to y: the longest stretches of its rows that there are
            for (index p = first; p < last; ++p) {
                write_rows<V>(total + ((p - first) * x.rows + i) * height(), row(p + 1) - row(p),
                              &y(i, row(p) - row(first)));
            }
        }
    }

private:
    panel_source const*       w_;
    integer_activation const* x_;
    integer_form              form_;
    std::vector<std::int32_t> start_;
};

[[nodiscard]] inline std::unique_ptr<row_product> make_integer_product(panel_source const&       w,
                                                                       integer_activation const& x, int threads) {
    if constexpr (isa::byte_sums_differ) {
        switch (byte_sum_bits(w.integers_as().bits)) {
        case 4:
            return std::make_unique<integer_product<4>>(w, x, threads);
        case 6:
            return std::make_unique<integer_product<6>>(w, x, threads);
        default:
            break;
        }
    }
    return std::make_unique<integer_product<8>>(w, x, threads);
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
