// How the weights of a format become unsigned bytes with f32 factors, on the integer path: what the compiler proves
// about levels, zero points and sub-scales decides.
//
//   weight = scale * (byte + lowest) + offset        in units of the levels' unit, exactly
//
// A zero point goes into the byte where (level - zero) spans at most 256 values, a sub-scale where (level * sub-scale)
// does; the scale is then that of the whole block.
#pragma once

#include <bit>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/parameter_bounds.hpp>
#include <qeval/format/policy/levels.hpp>
#include <qeval/format/policy/scale.hpp>
#include <qeval/format/traits.hpp>

namespace qeval {

struct integer_form {
    int  scale_groups  = 0; // in 32 depths, one or two; 0: there is no such form
    int  offset_groups = 0; // the same; 0: no offsets
    int  lowest        = 0;
    bool row_zeros     = false; // zero points that did not go into the bytes: times the sum of the activations
    bool short_scales  = false; // of at most 22 bits: their products with 3 * 2^22 are exact
    int  bits          = 8;     // of the bytes
};

namespace detail {
template <class S>
inline constexpr int plane_scale_bits = 24;
template <class T>
inline constexpr int plane_scale_bits<scale<T>> = significance_of(T{}).bits;
} // namespace detail

// Sub-scales go into the bytes.
template <class F>
inline constexpr bool folds_sub_scales = false;
template <class F>
requires(
    has_integer_levels<F>&& in_blocks<F>&& has_sub_scales<F, any_block>) inline constexpr bool folds_sub_scales<F> =
    [] {
        constexpr auto facts = facts_of<typename F::levels_type>;
        constexpr auto all   = integer_range{facts.lowest, facts.highest} * sub_scales_of<F>;
        return all.last - all.first <= 255 && F::block_size % 32 == 0;
    }();

// The largest zero point of a format, 0 where it has none, -1 where nothing is known.
template <class F>
inline constexpr int highest_zero = [] {
    if constexpr (in_planes<F>) {
        if constexpr (F::offset_type::in_zero) {
            return F::offset_type::bits <= 8 ? (1 << int(F::offset_type::bits)) - 1 : -1;
        } else {
            return 0;
        }
    } else {
        return has_group_scale<F, any_block> ? 0 : -1;
    }
}();

template <class F>
inline constexpr integer_form integer_form_of = [] {
    integer_form f;
    if constexpr (has_integer_levels<F>) {
        constexpr auto facts = facts_of<typename F::levels_type>;
        constexpr bool fold  = highest_zero<F> >= 0 && facts.highest - facts.lowest + highest_zero<F> <= 255;
        f.lowest             = facts.lowest - (fold ? highest_zero<F> : 0);
        f.row_zeros          = !fold;
        f.bits               = int(std::bit_width(unsigned(facts.highest - f.lowest)));
        if constexpr (in_blocks<F>) {
            constexpr int size   = group_size_of<F>;
            constexpr int groups = size % 32 == 0 ? 1 : size % 16 == 0 ? 2 : 0;
            f.scale_groups       = groups;
            f.offset_groups      = groups;
            if constexpr (has_group_scale<F, any_block>) {
                if constexpr (!requires { F::group_offset(any_block{}, 0); }) f.offset_groups = 0;
                f.short_scales = scale_bits_of<F> <= 22;
            }
            if constexpr (folds_sub_scales<F>) {
                f.scale_groups     = 1;
                constexpr auto all = integer_range{facts.lowest, facts.highest} * sub_scales_of<F>;
                f.lowest           = all.first;
                f.bits             = int(std::bit_width(unsigned(all.last - all.first)));
            }
        } else {
            f.scale_groups  = 1; // where groups begin on the same multiples of 32 in all rows
            f.offset_groups = F::offset_type::in_zero || F::offset_type::plane_count == 0 ? 0 : 1;
            f.short_scales  = detail::plane_scale_bits<typename F::scale_type> <= 22;
        }
    }
    return f;
}();

} // namespace qeval
