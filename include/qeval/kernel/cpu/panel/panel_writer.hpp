// How a decoder leaves what it decoded in a panel (panel.hpp), sixteen rows at a time: weights in the order of the
// exact path, and the parameters that stand beside the codes of the integer path.
#pragma once

#include <cstdint>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/panel/panel.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/weight/lane_weight.hpp>
#include <qeval/kernel/cpu/weight/row_groups.hpp>
#include <qeval/kernel/cpu/weight/vector_levels.hpp>
#include <qeval/kernel/integer_form.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Weights as floats: depth k of 16 rows at at(k), in the order of the exact path.
struct float_sink {
    float* out;
    index  stride, quarter, first = 0;

    [[nodiscard]] float_sink from(index k) const { return {out, stride, quarter, first + k}; }
    [[nodiscard]] float*     at(index k) const { return out + ((first + k) % 4 * quarter + (first + k) / 4) * stride; }
    void                     zeros(index begin, index end) const { // what lies beyond a matrix
        for (index k = begin; k < end; ++k) f32x16::all(0).store(at(k));
    }
};

template <class F>
struct panel_writer {
    using levels                       = vector_levels<typename F::levels_type>;
    static constexpr integer_form form = integer_form_of<F>;

    // Codes `words` of depths [first, last) that share parameters.
    static void floats(std::int32_t const* words, index first, index last, group_parameters const& p,
                       float_sink const& to) {
        for (index k = first; k < last; k += 4, words += 16) {
            i32x16 const four = i32x16::load(words);
            QEVAL_UNROLL
            for (int slot = 0; slot < 4; ++slot) lane_weight<F>::of(byte_of(four, slot), p).store(to.at(k + slot));
        }
    }
    // Parameters of depths [first, last) of a panel, multiples of 16.
    static void parameters(index first, index last, group_parameters const& p, integer_panel const& to) {
        f32x16 const scale = p.scale * f32x16::all(levels::facts.unit);
        for (index k = first; k < last; k += 32 / form.scale_groups) {
            int const g = static_cast<int>(k % 32 / (32 / form.scale_groups));
            scale.store(to.number_at(k / 32, to.scales() + g));
            (scale * f32x16::all(-rounding_bias)).store(to.number_at(k / 32, to.biases() + g));
            if constexpr (form.row_zeros) (i32x16::all(0) - to_integer(p.zero)).store(to.at(k / 32, to.zeros() + g));
        }
        offsets(first, last, p.offset, to);
    }
    static void offsets(index first, index last, f32x16 const& offset, integer_panel const& to) {
        constexpr int groups = form.offset_groups;
        if constexpr (groups != 0) {
            for (index k = first; k < last; k += 32 / groups)
                offset.store(to.number_at(k / 32, to.offsets() + static_cast<int>(k % 32 / (32 / groups))));
        }
    }
    // The only scale of depths [k, k + 32), where sub-scales are in the codes.
    static QEVAL_INLINE void scale(index k, f32x16 const& super, integer_panel const& to) {
        f32x16 const scale = super * f32x16::all(levels::facts.unit);
        scale.store(to.number_at(k / 32, to.scales()));
        (scale * f32x16::all(-rounding_bias)).store(to.number_at(k / 32, to.biases()));
    }
    // Groups that begin beyond the matrix: their activations are zero, and nothing else may come of them.
    static void no_groups(index first, index last, integer_panel const& to) {
        if (first < last) parameters(first, last, {f32x16::all(0), f32x16::all(0), f32x16::all(0)}, to);
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
