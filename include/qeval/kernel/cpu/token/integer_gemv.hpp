// Matrix times vector on the integer path: sixteen outputs from one run through sixteen rows, nothing stored on the
// way. Numerics: dot_integer in kernel/reference.hpp, the bits of the matrix product. Integers may be added in any
// order, so codes are taken in the order of quad_walk: every stored dword is loaded once.
#pragma once

#include <algorithm>
#include <bit>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/parameter_bounds.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/simd/unroll.hpp>
#include <qeval/kernel/cpu/token/integer_activation.hpp>
#include <qeval/kernel/cpu/weight/block_groups.hpp>
#include <qeval/kernel/cpu/weight/block_rows.hpp>
#include <qeval/kernel/cpu/weight/code_lanes.hpp>
#include <qeval/kernel/cpu/weight/vector_levels.hpp>
#include <qeval/kernel/integer_form.hpp>
#include <qeval/kernel/tuning/cpu.hpp>
#include <qeval/pack/quad_walk.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Blocks are whole numbers of the activations' 32 depths; an integer dot product is of 32 weights, or of 16.
template <class F>
concept has_integer_gemv = has_block_rows<F> && integer_form_of<F>
.scale_groups != 0 && !integer_form_of<F>.row_zeros && F::block_size % 32 == 0 && group_size_of<F> % 16 == 0;

template <has_integer_gemv F>
class integer_gemv {
    using levels = vector_levels<typename F::levels_type>;
    using codes  = code_lanes<typename F::packing_type, F::block_size>;
    using walk   = quad_walk<typename F::packing_type, F::block_size>;

    static constexpr integer_form form  = integer_form_of<F>;
    static constexpr int          group = group_size_of<F>;
    static constexpr int          dot   = group % 32 == 0 ? 32 : 16; // weights
    static constexpr int          units = F::block_size / 32,
                         near           = std::clamp(group / 8, 1, units); // whose parameters share dwords
    static constexpr bool paced         = tuning::paced_ahead != 0;
    static_assert(walk::tile % 32 == 0);
    using byte_dot =
        byte_sum<byte_sum_bits(std::bit_width(unsigned(levels::facts.highest - levels::facts.lowest))), dot / 4>;

public:
    // out[16] = sixteen rows times the only token of x; cols is a whole number of blocks.
    QEVAL_FLATTEN static void run(block_groups const& rows, index cols, integer_activation const* x, float* out) {
        constexpr index          in_group = interleaved_matrix<F>::together;
        index const              blocks   = cols / F::block_size;
        integer_inputs<1> const* token    = x->tile<1>(0, x->blocks(), 0);
        std::int32_t const*      sum      = x->sums(32 / dot).data();
        f32x16                   acc      = f32x16::all(0);
        for (index b = 0; b < blocks; b += in_group) {
            auto const* const bytes = rows.group(b / in_group, paced);
            auto const*       ahead = rows.ahead(b / in_group);
            index const       count = std::min(in_group, blocks - b);
            for (index i = 0; i < count;
                 ++i, ahead += 16 * interleaved_matrix<F>::size, token += units, sum += F::block_size / dot) {
                accumulate(block_rows<F>(interleaved_matrix<F>::part(bytes, count, i)), ahead, token, sum, acc);
            }
        }
        acc.store(out);
    }

private:
    // One block: first all its integers, then scales, 32 depths after 32.
    static QEVAL_INLINE void accumulate(block_rows<F> const& block, std::uint8_t const* ahead,
                                        integer_inputs<1> const* x, std::int32_t const* sum, f32x16& acc) {
        alignas(64) std::int32_t d[F::block_size / dot][16];
        for (int n = 0; n < chunks; ++n) {
            each<byte_dot::parts>([&](auto part) QEVAL_LAMBDA_INLINE { dots<part>(block, n, ahead, x, sum, d); });
        }
        for (int n = 0; n < units / near; ++n) {
            each<near>([&](auto i) QEVAL_LAMBDA_INLINE { scale(block, n * near + i, d, x[n * near + i], acc); });
        }
    }
    // Dot products that are finished together: they share dwords, or there is but one. Every chunk of a block is as the
    // first.
    static constexpr int apart =
        walk::step < dot ? 1 : walk::step / dot; // of a tile, from one such dot product to the next
    static constexpr int chunks = walk::tiles * apart, quads = walk::quads / apart, together = 4 * quads / dot;
    static_assert(walk::repeats(chunks));

    // Chunk n of a block -> d, in register Part of the lanes. Lines of the block at `ahead` are asked for on the way,
    // evenly: a core has room for few requests at a time.
    template <int Part>
    static QEVAL_INLINE void dots(block_rows<F> const& block, int n, std::uint8_t const* ahead,
                                  integer_inputs<1> const* x, std::int32_t const* sum,
                                  std::int32_t (&d)[F::block_size / dot][16]) {
        if constexpr (Part > 0) asm volatile("" ::: "memory"); // loading again is cheaper than keeping
        auto const        words = typename codes::walked_words{block.codes()}.part(n, chunks);
        int const         first = n / apart * (walk::tile / dot) + n % apart; // dot product
        auto const* const token = x + first * dot / 32;
        int const         half  = first * dot / 4 & 4; // words
        byte_dot          sums[together];
        each<together>([&](auto i) QEVAL_LAMBDA_INLINE {
            sums[i].begin((levels::facts.lowest + byte_dot::offset) * sum[first + i * apart]);
        });
        each<quads>([&](auto i) QEVAL_LAMBDA_INLINE {
            constexpr int q = walk::at(i), base = q / (codes::step / 4) * (codes::step / 4), in_dot = dot / 4;
            i32x16        four = levels::bytes(codes::template quad<base>(words, q - base));
            if constexpr (paced && Part == 0) {
                constexpr int share = 16 * interleaved_matrix<F>::size / chunks, lines = (share + 63) / 64;
                each<lines*(i + 1) / quads - lines * i / quads>([&](auto k) QEVAL_LAMBDA_INLINE {
                    isa::prefetch_after(four, ahead + share * n + 64 * (lines * i / quads + k));
                });
            }
            constexpr int mine = q / in_dot / apart,
                          at   = mine * apart * in_dot + q % in_dot; // quad, counted from the first one
            sums[mine].template add_part<walk::turn(i, in_dot), Part>(byte_dot::prepared(four),
                                                                      token[at / 8].words[half + at % 8][0]);
        });
        each<together>([&](auto i) QEVAL_LAMBDA_INLINE { store_part<Part>(sums[i].sum(), d[first + i * apart]); });
    }
    // 32 depths of a block.
    static QEVAL_INLINE void scale(block_rows<F> const& block, int c, std::int32_t const (&d)[F::block_size / dot][16],
                                   integer_inputs<1> const& x, f32x16& acc) {
        int const    g  = 32 * c / group; // of the first depth
        f32x16 const xs = f32x16::all(x.scale[0]), unit = f32x16::all(levels::facts.unit);
        auto const   sum = [&](int i) QEVAL_LAMBDA_INLINE { return i32x16::load(d[32 / dot * c + i]); };
        if constexpr (folds_sub_scales<F>) {
            i32x16 all = sum(0) * F::sub_scale(block, g);
            if constexpr (dot == 16) all = all + sum(1) * F::sub_scale(block, g + 1);
            acc = multiply_add(to_float(all) * (F::super_scale(block) * unit), xs, acc);
        } else {
            each<form.scale_groups>([&](auto i) QEVAL_LAMBDA_INLINE {
                acc = multiply_add(to_float(sum(i)) * (scale_of<F>(block, g + i) * unit), xs, acc);
            });
        }
        if constexpr (form.offset_groups != 0) {
            each<form.offset_groups>([&](auto i) QEVAL_LAMBDA_INLINE {
                acc = multiply_add(F::group_offset(block, g + i),
                                   f32x16::all(x.sum[form.offset_groups == 1 ? 0 : 1 + i][0]), acc);
            });
        }
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
