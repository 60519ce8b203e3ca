// Matrix times vector on the exact path: sixteen outputs from one run through sixteen rows, nothing stored on the way.
// Numerics: dot_exact in kernel/reference.hpp, the bits of the matrix product.
#pragma once

#include <algorithm>
#include <bit>
#include <numeric>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/parameter_bounds.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/simd/unroll.hpp>
#include <qeval/kernel/cpu/weight/block_groups.hpp>
#include <qeval/kernel/cpu/weight/block_rows.hpp>
#include <qeval/kernel/cpu/weight/code_lanes.hpp>
#include <qeval/kernel/cpu/weight/vector_levels.hpp>
#include <qeval/kernel/tuning/cpu.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Blocks do not straddle the chunks of the order of additions.
template <class F>
concept has_exact_gemv = has_block_rows<F> && tuning::k_chunk % F::block_size == 0;

// scale * level is exact for every block, so that one FMA rounds as decode() does.
template <has_block_rows F>
inline constexpr bool exact_products = [] {
    constexpr auto facts = facts_of<typename F::levels_type>;
    constexpr int  most  = -facts.lowest > facts.highest ? -facts.lowest : facts.highest;
    return facts.integer && scale_bits_of<F> + int(std::bit_width(unsigned(most))) <= 24;
}();

template <has_exact_gemv F>
class exact_gemv {
    using levels                = vector_levels<typename F::levels_type>;
    using codes                 = code_lanes<typename F::packing_type, F::block_size>;
    using walk                  = quad_walk<typename F::packing_type, F::block_size>;
    static constexpr int   size = F::block_size, group = group_size_of<F>;
    static constexpr int   together   = std::gcd(group, codes::step) / 4; // quads of one group whose codes lie alike
    static constexpr index quad_bytes = 64 * index{sizeof(typename F::block_type)} / size; // of sixteen rows
    static constexpr bool  paced      = tuning::paced_ahead != 0;

public:
    // out[16] = sixteen rows times x; cols is a whole number of blocks. x: chunk after chunk, [chain][length / 4].
    static void run(block_groups const& rows, index cols, float const* x, float* out) {
        constexpr index in_group = interleaved_matrix<F>::together;
        static_assert(tuning::k_chunk % (in_group * size) == 0);
        f32x16 total = f32x16::all(0);
        for (index k0 = 0; k0 < cols; k0 += tuning::k_chunk, x += tuning::k_chunk) {
            index const       length = std::min(tuning::k_chunk, cols - k0), blocks = length / size;
            alignas(64) float chain[4][16] = {};
            for (index b = 0; b < blocks; b += in_group) {
                index const         at    = (k0 / size + b) / in_group;
                auto const* const   bytes = rows.group(at, paced);
                group_of_rows const now{bytes, rows.ahead(at), std::min(in_group, blocks - b)};
                each<f32x16::count>([&](auto part) QEVAL_LAMBDA_INLINE {
                    accumulate<part>(now, x + b * (size / 4), length / 4, chain);
                });
            }
            auto const sum = [&](int c) { return f32x16::load(chain[c]); };
            total          = total + ((sum(0) + sum(1)) + (sum(2) + sum(3)));
        }
        total.store(out);
    }

private:
    struct group_of_rows {
        std::uint8_t const *bytes, *ahead;
        index               blocks;
    };
    // Four chains of sums, each of every fourth weight, in register Part of the lanes: those of all rows would not fit.
    // Lines of the blocks at now.ahead are asked for on the way.
    template <int Part>
    QEVAL_FLATTEN QEVAL_NOINLINE static void accumulate(group_of_rows now, float const* x, index quarter,
                                                        float (&chain)[4][16]) {
        f32x16 sum[4], scale, offset;
        QEVAL_UNROLL
        for (int c = 0; c < 4; ++c) sum[c] = f32x16::load(chain[c]);
        auto const quad = [&](int q, i32x16 four) QEVAL_LAMBDA_INLINE {
            if constexpr (paced && Part == 0) isa::prefetch_after(four, now.ahead + q * quad_bytes);
            if constexpr (in_bytes) four = levels::bytes(four);
            QEVAL_UNROLL
            for (int c = 0; c < 4; ++c) {
                f32x16 const w = weight(byte_of(four, c), scale, offset), xc = f32x16::all(x[c * quarter + q]);
                sum[c].v[Part] = multiply_add(w.v[Part], xc.v[Part], sum[c].v[Part]);
            }
        };
        for (index i = 0; i < now.blocks; ++i, x += size / 4, now.ahead += 16 * interleaved_matrix<F>::size) {
            block_rows<F> const                block(interleaved_matrix<F>::part(now.bytes, now.blocks, i));
            typename codes::walked_words const words{block.codes()};
            auto const                         group_begins = [&](int g) QEVAL_LAMBDA_INLINE {
                scale  = scale_in(block, g);
                offset = offset_of(block, g, scale);
            };
            if constexpr (codes::step_by_step) {
                static_assert(walk::repeats(walk::tiles));
                for (int t = 0; t < walk::tiles; ++t) {
                    auto const tile = words.part(t, walk::tiles);
                    each<walk::tile / codes::step>([&](auto step) QEVAL_LAMBDA_INLINE {
                        constexpr int base = step * (codes::step / 4);
                        codes::template repeated<codes::step / 4 / together>([&](auto p) QEVAL_LAMBDA_INLINE {
                            group_begins(group >= walk::tile
                                             ? t / (group / in_tile)
                                             : t * (walk::tile / in_tile) + 4 * (base + p * together) / group);
                            codes::template repeated<together>([&](auto j) QEVAL_LAMBDA_INLINE {
                                quad(t * walk::quads + base + p * together + j,
                                     codes::template quad<base>(tile, p * together + j));
                            });
                        });
                    });
                }
            } else {
                for (int g = 0; g < F::groups; ++g) {
                    group_begins(g);
                    for (int base = g * (group / 4); base < (g + 1) * (group / 4); base += together) {
                        for (int j = 0; j < together; ++j) quad(base + j, codes::quad(words, base, j));
                    }
                }
            }
        }
        QEVAL_UNROLL
        for (int c = 0; c < 4; ++c) store_part<Part>(sum[c], chain[c]);
    }
    static constexpr int  in_tile  = std::min(group, walk::tile); // weights of a group
    static constexpr bool offsets  = requires(block_rows<F> const& block) { F::group_offset(block, 0); };
    static constexpr bool in_bytes = levels::facts.integer; // level / unit - lowest, of four codes at a time
    // Where the lowest level, scaled, may stand in for an offset: scale * (count + lowest) is then one FMA, with the
    // same bits.
    static constexpr bool lowest_is_offset = exact_products<F> && !offsets;

    static QEVAL_INLINE f32x16 scale_in(block_rows<F> const& block, int g) {
        f32x16 const scale = scale_of<F>(block, g);
        return lowest_is_offset && levels::facts.unit != 1 ? scale * f32x16::all(levels::facts.unit) : scale;
    }
    static QEVAL_INLINE f32x16 offset_of(block_rows<F> const& block, int g, f32x16 const& scale) {
        if constexpr (offsets) return F::group_offset(block, g);
        return lowest_is_offset ? scale * f32x16::all(static_cast<float>(levels::facts.lowest)) : f32x16::all(0);
    }
    static QEVAL_INLINE f32x16 weight(i32x16 const& byte, f32x16 const& scale, f32x16 const& offset) {
        if constexpr (lowest_is_offset) {
            if constexpr (levels::facts.lowest == 0) return to_float(byte) * scale;
            return multiply_add(to_float(byte), scale, offset);
        } else {
            f32x16 const level = in_bytes ? levels::level_of(to_float(byte)) : levels::floats(byte);
            if constexpr (!offsets) return level * scale;
            return exact_products<F> ? multiply_add(level, scale, offset) : level * scale + offset;
        }
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
