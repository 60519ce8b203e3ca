// Matrix times vector on the exact path: sixteen outputs from one run through sixteen rows, nothing stored on the way.
// Numerics: dot_exact in kernel/reference.hpp, the bits of the matrix product.
#pragma once

#include <algorithm>
#include <bit>
#include <numeric>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/parameter_bounds.hpp>
#include <qeval/kernel/cpu/block_groups.hpp>
#include <qeval/kernel/cpu/block_lanes.hpp>
#include <qeval/kernel/cpu/code_lanes.hpp>
#include <qeval/kernel/cpu/simd.hpp>
#include <qeval/kernel/cpu/unroll.hpp>
#include <qeval/kernel/cpu/vector_levels.hpp>
#include <qeval/kernel/tuning/cpu.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Blocks do not straddle the chunks of the order of additions.
template <class F>
concept has_exact_gemv = has_block_lanes<F> && interleavable<F> && tuning::k_chunk % F::block_size == 0;

// scale * level is exact for every block, so that one FMA rounds as decode() does.
template <has_block_lanes F>
inline constexpr bool exact_products = [] {
    constexpr auto facts = facts_of<typename F::levels_type>;
    constexpr int  most  = -facts.lowest > facts.highest ? -facts.lowest : facts.highest;
    return facts.integer && scale_bits_of<F> + int(std::bit_width(unsigned(most))) <= 24;
}();

template <has_exact_gemv F>
class exact_gemv {
    using levels = vector_levels<typename F::levels_type>;
    using codes  = code_lanes<typename F::packing_type, F::block_size>;
    static constexpr int   size = F::block_size, group = group_size_of<F>;
    static constexpr index quad_bytes = 64 * index{sizeof(typename F::block_type)} / size; // of sixteen rows
    static constexpr bool  paced      = tuning::paced_ahead != 0 && quad_bytes >= 40;      // below, arithmetic takes longer than memory

public:
    // out[16] = sixteen rows times x; cols is a whole number of blocks. x: chunk after chunk, [chain][length / 4].
    QEVAL_FLATTEN static void run(block_groups const& rows, index cols, float const* x, float* out) {
        constexpr index together = interleaved_matrix<F>::together;
        static_assert(tuning::k_chunk % (together * size) == 0);
        f32x16 total = f32x16::all(0);
        for (index k0 = 0; k0 < cols; k0 += tuning::k_chunk, x += tuning::k_chunk) {
            index const length = std::min(tuning::k_chunk, cols - k0), blocks = length / size;
            f32x16      chain[4];
            each<4>([&](auto c) QEVAL_LAMBDA_INLINE { chain[c] = f32x16::all(0); });
            for (index b = 0; b < blocks; b += together) {
                auto const* const bytes = rows.group((k0 / size + b) / together, paced);
                auto const*       ahead = rows.ahead((k0 / size + b) / together);
                index const       n     = std::min(together, blocks - b);
                for (index i = 0; i < n; ++i, ahead += 16 * interleaved_matrix<F>::size) {
                    auto const at = interleaved_matrix<F>::part(bytes, n, i);
                    accumulate(block_lanes<F>(at.head, at.codes, at.tail), ahead, x + (b + i) * (size / 4), length / 4, chain);
                }
            }
            total = total + ((chain[0] + chain[1]) + (chain[2] + chain[3]));
        }
        total.store(out);
    }

private:
    // Four chains of multiply-adds, each with every fourth weight. Lines of the block at `ahead` are asked for on the way.
    static QEVAL_INLINE void accumulate(block_lanes<F> const& block, std::uint8_t const* ahead, float const* x, index quarter, f32x16 (&chain)[4]) {
        typename codes::walked_words const words{block.codes()};
        constexpr int part = std::gcd(group, codes::step); // weights under one set of constants and one group
        each<size / part>([&](auto p) QEVAL_LAMBDA_INLINE {
            constexpr int first = decltype(p)::value * part, base = first / codes::step * (codes::step / 4);
            f32x16 const  scale = scale_of<F>(block, first / group), offset = offset_of(block, first / group, scale);
            auto const    quad  = [&](int j) QEVAL_LAMBDA_INLINE {
                i32x16 four = codes::template quad<base>(words, first / 4 - base + j);
                if constexpr (paced) isa::prefetch_after(four, ahead + (first / 4 + j) * quad_bytes);
                each<4>([&](auto c) QEVAL_LAMBDA_INLINE {
                    f32x16 const w = weight(byte_of<c>(four), scale, offset);
                    chain[c]       = multiply_add(w, f32x16::all(x[c * quarter + first / 4 + j]), chain[c]);
                });
            };
            if constexpr (codes::constant_steps) {
                each<part / 4>(quad);
            } else {
                for (int j = 0; j < part / 4; ++j) quad(j);
            }
        });
    }
    static constexpr bool offsets = requires(block_lanes<F> const& block) { F::group_offset(block, 0); };
    // Where the lowest level, scaled, may stand in for an offset: scale * (count + lowest) is then one FMA, with the same bits.
    static constexpr bool lowest_is_offset = exact_products<F> && levels::counts && levels::facts.unit == 1 && !offsets;

    static QEVAL_INLINE f32x16 offset_of(block_lanes<F> const& block, int g, f32x16 const& scale) {
        if constexpr (offsets) return F::group_offset(block, g);
        return lowest_is_offset ? scale * f32x16::all(static_cast<float>(levels::facts.lowest)) : f32x16::all(0);
    }
    static QEVAL_INLINE f32x16 weight(i32x16 const& code, f32x16 const& scale, f32x16 const& offset) {
        if constexpr (lowest_is_offset) {
            if constexpr (levels::facts.lowest == 0) return levels::count(code) * scale;
            return multiply_add(levels::count(code), scale, offset);
        } else {
            f32x16 const level = levels::floats(code);
            if constexpr (!offsets) return level * scale;
            return exact_products<F> ? multiply_add(level, scale, offset) : level * scale + offset;
        }
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
