// Blocks of sixteen rows -> panels, for many tokens: codes by the packing's expression on stored dwords, levels and
// parameters of sixteen rows at a time. Gives the bits of decode().
#pragma once

#include <algorithm>
#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/panel/panel.hpp>
#include <qeval/kernel/cpu/panel/panel_writer.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/weight/block_groups.hpp>
#include <qeval/kernel/cpu/weight/block_rows.hpp>
#include <qeval/kernel/cpu/weight/code_lanes.hpp>
#include <qeval/kernel/cpu/weight/vector_levels.hpp>
#include <qeval/kernel/integer_form.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

template <has_block_rows F>
class block_unpack {
    using codes  = code_lanes<typename F::packing_type, F::block_size>;
    using levels = vector_levels<typename F::levels_type>;
    using write  = panel_writer<F>;

public:
    // Depths [k0, k0 + n), inside the matrix.
    static void floats(block_groups const& rows, index k0, index n, float_sink const& to) {
        alignas(64) std::int32_t words[F::block_size * 4];
        for_each_block(rows, k0, n, [&](block_rows<F> const& block, index depth) {
            codes::for_each_quad(typename codes::walked_words{block.codes()},
                                 [&](int q, i32x16 const& four) QEVAL_LAMBDA_INLINE { four.store(words + 16 * q); });
            for (int g = 0; g < F::groups; ++g) {
                index const begin = depth + g * F::group_size, first = std::max<index>(begin, 0),
                            last = std::min<index>(begin + F::group_size, n);
                if (first < last) write::floats(words + (first - depth) * 4, first, last, parameters_of(block, g), to);
            }
        });
    }
    static void integers(block_groups const& rows, index k0, index n,
                         integer_panel const& to) requires(integer_form_of<F>.scale_groups != 0) {
        index const padded  = (n + 31) / 32 * 32;
        index       covered = 0; // depths with parameters
        for_each_block(rows, k0, n, [&](block_rows<F> const& block, index depth) {
            index const begin = std::max<index>(depth, 0), end = std::min(depth + F::block_size, padded);
            store_codes(block, depth, begin, end, to);
            for (int g = 0; g < F::groups; ++g) {
                index const first = std::max(begin, depth + g * F::group_size),
                            last  = std::min(end, depth + (g + 1) * F::group_size);
                if (first >= last) continue;
                if constexpr (!folds_sub_scales<F>) {
                    write::parameters(first, last, parameters_of(block, g), to);
                } else if constexpr (lane_weight<F>::has_offset) {
                    write::offsets(first, last, F::group_offset(block, g), to);
                }
            }
            if constexpr (folds_sub_scales<F>) {
                for (index k = begin; k < end; k += 32) write::scale(k, F::super_scale(block), to);
            }
            covered = end;
        });
        write::no_groups(covered, padded, to);
    }

private:
    // use(lanes, depth) for the blocks that meet depths [k0, k0 + n); `depth` is the block's first one, counted from
    // k0.
    template <class Use>
    static void for_each_block(block_groups const& rows, index k0, index n, Use const& use) {
        for (index b = k0 / F::block_size; b * F::block_size < k0 + n; ++b)
            use(block_rows<F>(rows.block(b)), b * F::block_size - k0);
    }
    static QEVAL_INLINE group_parameters parameters_of(block_rows<F> const& block, int g) {
        group_parameters p{scale_of<F>(block, g), f32x16::all(0), f32x16::all(-0.0f)};
        if constexpr (lane_weight<F>::has_offset) p.offset = F::group_offset(block, g);
        return p;
    }
    // Stores the codes of depths [begin, end), multiples of 4.
    static void store_codes(block_rows<F> const& block, index depth, index begin, index end, integer_panel const& to) {
        alignas(64) std::int32_t factor[F::groups][16], addend[F::groups][16];
        if constexpr (folds_sub_scales<F>) { // (code + lowest level) * sub-scale - lowest, two bytes at a time in one
                                             // multiplication
            for (int g = 0; g < F::groups; ++g) {
                i32x16 const s = F::sub_scale(block, g);
                s.store(factor[g]);
                ((s * i32x16::all(levels::facts.lowest) - integer_form_of<F>.lowest) * i32x16::all(0x00010001))
                    .store(addend[g]);
            }
        }
        codes::for_each_quad(typename codes::walked_words{block.codes()},
                             [&](int q, i32x16 const& four) QEVAL_LAMBDA_INLINE {
                                 index const k = depth + 4 * q;
                                 if (k < begin || k >= end) return;
                                 i32x16 bytes = levels::bytes(four);
                                 if constexpr (folds_sub_scales<F>) {
                                     i32x16 const s = i32x16::load(factor[4 * q / F::group_size]),
                                                  a = i32x16::load(addend[4 * q / F::group_size]);
                                     bytes = ((bytes & 0x00ff00ff) * s + a) | ((bytes >> 8 & 0x00ff00ff) * s + a) << 8;
                                 }
                                 bytes.store(to.at(k / 32, static_cast<int>(k % 32 / 4)));
                             });
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
