// format<Name, Block, Levels, Packing, Scale, Offset, Fit>: a quantization format composed of one policy per axis.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <qeval/core/fixed_string.hpp>
#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/affine.hpp>
#include <qeval/format/coded.hpp>
#include <qeval/format/policy/fit.hpp>
#include <qeval/format/policy/geometry.hpp>
#include <qeval/format/policy/levels.hpp>
#include <qeval/format/policy/offset.hpp>
#include <qeval/format/policy/packing.hpp>
#include <qeval/format/policy/scale.hpp>

namespace qeval {

// One block on disk: the groups' scales, then their offsets where there are any, then the codes.
template <class Scale, class Offset, int Groups, index CodeBytes>
struct scaled_block {
    Scale        scales[Groups];
    Offset       offsets[Groups];
    std::uint8_t codes[CodeBytes];
};
template <class Scale, int Groups, index CodeBytes>
struct scaled_block<Scale, void, Groups, CodeBytes> {
    Scale        scales[Groups];
    std::uint8_t codes[CodeBytes];
};

namespace detail {
template <class Offset>
struct stored_offset {
    using type = void;
};
template <class T>
struct stored_offset<minimum<T>> {
    using type = T;
};
} // namespace detail

// In blocks: parameters beside the codes they belong to.
template <class Block, class Levels, class Packing, class Scale, class Offset, class Fit>
struct block_storage : coded<Block::size, Block::group, Levels, Packing> {
    using base = coded<Block::size, Block::group, Levels, Packing>;
    using offset_type = typename detail::stored_offset<Offset>::type;
    using block_type  = scaled_block<typename Scale::stored, offset_type, base::groups, base::packing_type::bytes(Block::size)>;

    QEVAL_HD static constexpr affine group(block_type const& b, int g) {
        affine a{value_of(b.scales[g])};
        if constexpr (requires { b.offsets; }) a.offset = value_of(b.offsets[g]);
        return a;
    }
    static void encode(std::span<float const, std::size_t(Block::size)> w, block_type& b) {
        b = {};
        for (int g = 0; g < base::groups; ++g) {
            auto const   part     = w.subspan(std::size_t(g * Block::group), std::size_t(Block::group));
            affine const measured = Fit::template measure<Levels>(part);
            affine       stored   = Offset::rounded(measured);
            stored.scale          = Scale::rounded(measured.scale);
            b.scales[g]           = store_as<typename Scale::stored>(measured.scale);
            if constexpr (requires { b.offsets; }) b.offsets[g] = store_as<offset_type>(measured.offset);
            auto const code = Fit::template encoder<Levels>(measured, stored);
            for (int i = 0; i < Block::group; ++i) {
                base::packing_type::put(b.codes, g * Block::group + i, Block::size, code(part[std::size_t(i)]));
            }
        }
    }
};

// In planes: codes of the whole matrix in row order, and one plane or more for each kind of parameter.
template <class Geometry, class Levels, class Packing, class Scale, class Offset, class Fit>
struct plane_storage {
    using geometry     = Geometry;
    using levels_type  = Levels;
    using packing_type = typename Packing::template for_block<0>;
    using scale_type   = Scale;
    using offset_type  = Offset;
    using fit_type     = Fit;

    // Codes and parameters of one weight; geometries without a constant group size leave it to packed_bytes().
    static constexpr double bits_per_weight = [] {
        if constexpr (requires { Geometry::weights; }) {
            return Packing::bits + (Scale::bits + Offset::bits) / Geometry::weights;
        } else {
            return 0.0;
        }
    }();

    struct cell_type {
        std::uint8_t const*   codes;
        typename Scale::view  scale;
        typename Offset::view offset;
        index                 rows, cols;
    };
    QEVAL_HD static constexpr unsigned code(cell_type const& c, index i) { return packing_type::code(c.codes, i, c.rows * c.cols); }
    QEVAL_HD static constexpr float    level(unsigned c) { return Levels::value(c); }
    QEVAL_HD static constexpr affine   group(cell_type const& c, index g) {
        if constexpr (Offset::in_zero) {
            return {c.scale[g], c.offset[g]};
        } else {
            return {c.scale[g], 0, c.offset[g]};
        }
    }
};

namespace detail {

// The axes of format<...>, by the place of their argument; 0: all fit. Checked one after the other, because one mistake
// (two axes exchanged) must give one error.
enum axis { fits, block_axis = 2, levels_axis, packing_axis, scale_axis, offset_axis, fit_axis, group_size, packing_bits, level_count, stored_zero };

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

struct unfinished { // what a format with a wrong axis is: explain_format() leaves it to the error that has been given
    using unfinished_format = void;
};

template <bool Fits, class Block, class... Rest>
struct storage {
    using type = unfinished;
};
template <class Geometry, class... Rest>
struct storage<true, Geometry, Rest...> {
    using type = plane_storage<Geometry, Rest...>;
};
template <int Size, int Group, class... Rest>
struct storage<true, block<Size, Group>, Rest...> {
    using type = block_storage<block<Size, Group>, Rest...>;
};

template <class... Axes>
inline constexpr axis wrong_axis = first_wrong_axis<Axes...>();

} // namespace detail

template <fixed_string Name, class Block, class Levels, class Packing, class Scale, class Offset = no_offset, class Fit = fit::absmax>
struct format : detail::storage<detail::wrong_axis<Block, Levels, Packing, Scale, Offset, Fit> == detail::fits, Block, Levels,
                                Packing, Scale, Offset, Fit>::type {
    static constexpr fixed_string name = Name;

private:
    static constexpr auto wrong = detail::wrong_axis<Block, Levels, Packing, Scale, Offset, Fit>;
    static_assert(wrong != detail::block_axis, "qeval: [QF10] the second argument of 'format' is the block policy: 'block<64>', 'group<128>', 'flat<64>', 'per_row', 'per_tensor' or 'tile<128, 128>'");
    static_assert(wrong != detail::levels_axis, "qeval: [QF11] the third argument of 'format' is the levels policy: 'levels<table>', 'integers<4, 8>', 'twos_complement<8>' or 'minifloats<e4m3>'");
    static_assert(wrong != detail::packing_axis, "qeval: [QF12] the fourth argument of 'format' is the packing policy: 'packing::split_nibbles', 'packing::nibbles', 'packing::bytes' or 'packing::planes<...>'");
    static_assert(wrong != detail::scale_axis, "qeval: [QF13] the fifth argument of 'format' is the scale policy: 'scale<bf16>' or another number type, or 'double_quantized<256>'");
    static_assert(wrong != detail::offset_axis, "qeval: [QF14] the sixth argument of 'format' is the offset policy: 'no_offset', 'minimum<f16>' or 'zero_point<4>'");
    static_assert(wrong != detail::fit_axis, "qeval: [QF15] the seventh argument of 'format' is the fit: 'fit::absmax', 'fit::min_max' or another with 'measure' and 'encoder'");
    static_assert(wrong != detail::packing_bits, "qeval: [QF21] a packing field has 1, 2, 4 or 8 bits; build other widths from 'planes<field<...>, field<...>>'");
    static_assert(wrong != detail::level_count, "qeval: [QF08] the level table must fill every code of its packing: a packing of b bits needs 2^b levels");
    static_assert(wrong != detail::group_size, "qeval: [QF22] a block holds a whole number of groups: 'block<256, 32>'");
    static_assert(wrong != detail::stored_zero, "qeval: [QF09] zero points are stored in planes: use 'group<N>', 'flat<N>' or 'per_row' in place of 'block<N>'");
};

} // namespace qeval
