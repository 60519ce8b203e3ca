// A code and the parameters of its group -> the weight, for sixteen rows: decode() in lanes, operation by operation.
#pragma once

#include <qeval/core/macros.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/weight/block_rows.hpp>
#include <qeval/kernel/cpu/weight/row_groups.hpp>
#include <qeval/kernel/cpu/weight/vector_levels.hpp>
#include <qeval/kernel/integer_form.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

template <class F>
struct lane_weight {
    static constexpr bool has_zero   = highest_zero<F> != 0;
    static constexpr bool has_offset = [] {
        if constexpr (in_planes<F>) {
            return F::offset_type::plane_count != 0 && !F::offset_type::in_zero;
        } else if constexpr (has_block_rows<F>) {
            return requires { F::group_offset(any_block{}, 0); };
        } else {
            return true;
        }
    }();

    // One code in each 32-bit lane.
    static QEVAL_INLINE f32x16 of(i32x16 const& code, group_parameters const& p) {
        f32x16 v = vector_levels<typename F::levels_type>::floats(code);
        if constexpr (has_zero) v = v - p.zero;
        v = p.scale * v;
        if constexpr (has_offset) v = v + p.offset;
        return v;
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
