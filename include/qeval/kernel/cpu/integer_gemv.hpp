// Matrix times vector on the integer path: sixteen outputs from one run through sixteen rows, nothing stored on the way.
// Numerics: dot_integer in kernel/reference.hpp, the bits of the matrix product. Integers may be added in any order, so codes
// are taken in the order of quad_walk: every stored dword is loaded once.
#pragma once

#include <algorithm>
#include <bit>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/parameter_bounds.hpp>
#include <qeval/kernel/cpu/block_groups.hpp>
#include <qeval/kernel/cpu/block_lanes.hpp>
#include <qeval/kernel/cpu/code_lanes.hpp>
#include <qeval/kernel/cpu/integer_activation.hpp>
#include <qeval/kernel/cpu/simd.hpp>
#include <qeval/kernel/cpu/unroll.hpp>
#include <qeval/kernel/cpu/vector_levels.hpp>
#include <qeval/kernel/integer_form.hpp>
#include <qeval/kernel/tuning/cpu.hpp>
#include <qeval/pack/quad_walk.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Blocks are whole numbers of the activations' 32 columns; an integer dot product is of 32 weights, or of 16.
template <class F>
concept has_integer_gemv = has_block_lanes<F> && integer_form_of<F>.scale_groups != 0 && !integer_form_of<F>.row_zeros
                           && F::block_size % 32 == 0 && group_size_of<F> % 16 == 0;

template <has_integer_gemv F>
class integer_gemv {
    using levels = vector_levels<typename F::levels_type>;
    using codes  = code_lanes<typename F::packing_type, F::block_size>;
    using walk   = quad_walk<typename F::packing_type, F::block_size>;

    static constexpr integer_form form = integer_form_of<F>;
    static constexpr int          group = group_size_of<F>;
    static constexpr int          dot   = group % 32 == 0 ? 32 : 16; // weights
    static constexpr int          dots  = walk::tile / dot;          // side by side
    static constexpr bool         paced = tuning::paced_ahead != 0;
    static_assert(walk::tile % 32 == 0);
    using byte_dot = byte_sum<byte_sum_bits(std::bit_width(unsigned(levels::facts.highest - levels::facts.lowest))), dot / 4>;

public:
    // out[16] = sixteen rows times the only column of x; cols is a whole number of blocks.
    QEVAL_FLATTEN static void run(block_groups const& rows, index cols, integer_activation const& x, float* out) {
        constexpr index           together = interleaved_matrix<F>::together;
        index const               blocks   = cols / F::block_size;
        integer_columns<1> const* column   = x.tile<1>(0, x.blocks(), 0);
        std::int32_t const*       sum      = x.sums(32 / dot).data();
        f32x16                    acc      = f32x16::all(0);
        for (index b = 0; b < blocks; b += together) {
            auto const* const bytes = rows.group(b / together, paced);
            auto const*       ahead = rows.ahead(b / together);
            index const       n     = std::min(together, blocks - b);
            for (index i = 0; i < n; ++i, ahead += 16 * interleaved_matrix<F>::size, column += F::block_size / 32, sum += F::block_size / dot) {
                block_lanes<F> const block(interleaved_matrix<F>::part(bytes, n, i));
                each<walk::tiles>([&](auto t) QEVAL_LAMBDA_INLINE { accumulate<t>(block, ahead, column, sum, acc); });
            }
        }
        acc.store(out);
    }

private:
    // Tile T of a block: first all its integers, then scales, 32 columns after 32. Lines of the block at `ahead` are asked for
    // on the way, evenly: a core has room for few requests at a time.
    template <int T>
    static QEVAL_INLINE void accumulate(block_lanes<F> const& block, std::uint8_t const* ahead, integer_columns<1> const* x, std::int32_t const* sum, f32x16& acc) {
        typename codes::walked_words const words{block.codes()};
        byte_dot sums[dots];
        each<dots>([&](auto i) QEVAL_LAMBDA_INLINE { sums[i].begin((levels::facts.lowest + byte_dot::offset) * sum[T * dots + i]); });
        each<byte_dot::parts * walk::quads>([&](auto time) QEVAL_LAMBDA_INLINE {
            constexpr int part = time / walk::quads, i = time % walk::quads;
            constexpr int q = walk::at(i), in_block = T * walk::quads + q, base = in_block / (codes::step / 4) * (codes::step / 4);
            if constexpr (part > 0 && i == 0) asm volatile("" ::: "memory"); // loading again is cheaper than keeping
            i32x16        four = levels::bytes(codes::template quad<base>(words, in_block - base));
            if constexpr (paced && part == 0) {
                constexpr int lines = 16 * interleaved_matrix<F>::size / 64, now = T * walk::quads + i, all = walk::tiles * walk::quads;
                each<lines * (now + 1) / all - lines * now / all>([&](auto k) QEVAL_LAMBDA_INLINE {
                    isa::prefetch_after(four, ahead + 64 * (lines * now / all + k));
                });
            }
            sums[4 * q / dot].template add_part<walk::turn(i, dot / 4), part>(byte_dot::prepared(four), x[in_block / 8].words[in_block % 8][0]);
        });
        i32x16 d[dots];
        each<dots>([&](auto i) QEVAL_LAMBDA_INLINE { d[i] = sums[i].sum(); });
        each<walk::tile / 32>([&](auto c) QEVAL_LAMBDA_INLINE {
            constexpr int  first = (T * walk::tile + 32 * c) / group; // the group of its first column
            auto const&    xc    = x[T * (walk::tile / 32) + c];
            f32x16 const   xs    = f32x16::all(xc.scale[0]);
            auto const     unit  = f32x16::all(levels::facts.unit);
            constexpr int  at    = 32 * c / dot;
            if constexpr (folds_sub_scales<F>) {
                i32x16 all = d[at] * F::sub_scale(block, first);
                if constexpr (dot == 16) all = all + d[at + 1] * F::sub_scale(block, first + 1);
                acc = multiply_add(to_float(all) * (F::super_scale(block) * unit), xs, acc);
            } else {
                each<form.scale_groups>([&](auto g) QEVAL_LAMBDA_INLINE {
                    acc = multiply_add(to_float(d[at + g]) * (scale_of<F>(block, first + g) * unit), xs, acc);
                });
            }
            if constexpr (form.offset_groups != 0) {
                each<form.offset_groups>([&](auto g) QEVAL_LAMBDA_INLINE {
                    acc = multiply_add(F::group_offset(block, first + g), f32x16::all(xc.sum[form.offset_groups == 1 ? 0 : 1 + g][0]), acc);
                });
            }
        });
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
