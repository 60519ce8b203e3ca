// What the compiler says when the arguments of format<...> do not fit: which place, and what belongs there.
#pragma once

#include <qeval/format/policy/fit.hpp>
#include <qeval/format/policy/geometry.hpp>
#include <qeval/format/policy/levels.hpp>
#include <qeval/format/policy/offset.hpp>
#include <qeval/format/policy/packing.hpp>
#include <qeval/format/policy/scale.hpp>

namespace qeval::detail {

// The axes of format<...>, by the place of their argument; 0: all fit. Checked one after the other, because one mistake
// (two axes exchanged) must give one error.
enum axis {
    fits,
    block_axis = 2,
    levels_axis,
    packing_axis,
    scale_axis,
    offset_axis,
    fit_axis,
    // each axis by itself is one, but they do not go together
    group_size,
    packing_bits,
    level_count,
    stored_zero
};

template <class Block, class Levels, class Packing, class Scale, class Offset, class Fit>
consteval axis first_wrong_axis() {
    if constexpr (!block_policy<Block>) {
        return block_axis;
    } else if constexpr (!levels_policy<Levels>) {
        return levels_axis;
    } else if constexpr (!packing_policy<Packing>) {
        return packing_axis;
    } else if constexpr (!scale_policy<Scale>) {
        return scale_axis;
    } else if constexpr (!offset_policy<Offset>) {
        return offset_axis;
    } else if constexpr (!fit_policy<Fit, Levels>) {
        return fit_axis;
    } else if constexpr (!Packing::whole) {
        return packing_bits;
    } else if constexpr (Levels::codes != 1 << Packing::bits) {
        return level_count;
    } else if constexpr (Block::in_blocks) {
        return !Block::whole ? group_size : Offset::in_zero ? stored_zero : fits;
    } else {
        return fits;
    }
}

template <class... Axes>
inline constexpr axis wrong_axis = first_wrong_axis<Axes...>();

template <axis Wrong>
consteval bool explain_axes() { // no part of `format`: a class whose own body has an error loses its members on clang
    static_assert(Wrong != block_axis,
                  "qeval: [QF10] the second argument of 'format' is the block policy: 'block<64>', 'group<128>', "
                  "'flat<64>', 'per_row', 'per_tensor' or 'tile<128, 128>'");
    static_assert(Wrong != levels_axis,
                  "qeval: [QF11] the third argument of 'format' is the levels policy: 'levels<table>', 'integers<4, "
                  "8>', 'twos_complement<8>' or 'minifloats<e4m3>'");
    static_assert(Wrong != packing_axis,
                  "qeval: [QF12] the fourth argument of 'format' is the packing policy: 'packing::split_nibbles', "
                  "'packing::nibbles', 'packing::bytes' or 'packing::planes<...>'");
    static_assert(Wrong != scale_axis, "qeval: [QF13] the fifth argument of 'format' is the scale policy: "
                                       "'scale<bf16>' or another number type, or 'double_quantized<256>'");
    static_assert(Wrong != offset_axis, "qeval: [QF14] the sixth argument of 'format' is the offset policy: "
                                        "'no_offset', 'minimum<f16>' or 'zero_point<4>'");
    static_assert(Wrong != fit_axis, "qeval: [QF15] the seventh argument of 'format' is the fit: 'fit::absmax', "
                                     "'fit::min_max' or another with 'measure' and 'encoder'");
    static_assert(Wrong != packing_bits, "qeval: [QF21] a packing field has 1, 2, 4 or 8 bits; build other widths from "
                                         "'planes<field<...>, field<...>>'");
    static_assert(
        Wrong != level_count,
        "qeval: [QF08] the level table must fill every code of its packing: a packing of b bits needs 2^b levels");
    static_assert(Wrong != group_size, "qeval: [QF22] a block holds a whole number of groups: 'block<256, 32>'");
    static_assert(Wrong != stored_zero, "qeval: [QF09] zero points are stored in planes: use 'group<N>', 'flat<N>' or "
                                        "'per_row' in place of 'block<N>'");
    return true;
}

} // namespace qeval::detail
