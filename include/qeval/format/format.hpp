// format<Name, Block, Levels, Packing, Scale, Offset, Fit>: a quantization format composed of one policy per axis.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <qeval/core/fixed_string.hpp>
#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/affine.hpp>
#include <qeval/format/axes.hpp>
#include <qeval/format/block_lanes.hpp>
#include <qeval/format/coded.hpp>
#include <qeval/format/parameters.hpp>
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

// What a format in blocks has: parameters stand beside the codes they belong to.
template <class Block, class Levels, class Packing, class Scale, class Offset, class Fit>
struct block_storage : coded<Block::size, Block::group, Levels, Packing> {
    using base        = coded<Block::size, Block::group, Levels, Packing>;
    using offset_type = typename detail::stored_offset<Offset>::type;
    using block_type =
        scaled_block<typename Scale::stored, offset_type, base::groups, base::packing_type::bytes(Block::size)>;

    QEVAL_HD static constexpr auto group_scale(auto const& b, int g) {
        return b.number(typename Scale::stored{}, offsetof(block_type, scales), g);
    }
    QEVAL_HD static constexpr auto group_offset(auto const& b, int g) requires(!std::is_void_v<offset_type>) {
        return b.number(offset_type{}, offsetof(block_type, offsets), g);
    }
    QEVAL_HD static constexpr affine group(block_type const& b, int g) { return group_of<block_storage>(b, g); }
    template <class V>
    requires(std::is_same_v<V, float> ||
             lane_fit<Fit, Levels, V>) static void encode(block_lanes<block_type, V> const& b) {
        V codes[Block::size];
        for (int g = 0; g < base::groups; ++g) {
            std::span<V const> const part(b.x + g * Block::group, std::size_t(Block::group));
            affine_of<V> const       measured = Fit::template measure<Levels>(part);
            affine_of<V> const       stored   = store(b, g, measured);
            auto const               code     = Fit::template encoder<Levels>(measured, stored);
            for (int i = 0; i < Block::group; ++i) codes[g * Block::group + i] = V(code(part[std::size_t(i)]));
        }
        put_codes<base>(codes, b.out);
    }
    template <class V>
    requires weighing_fit<Fit>
    static void encode(block_lanes<block_type, V> const& b, importance_lanes<V> const& importance) {
        V codes[Block::size];
        for (int g = 0; g < base::groups; ++g) {
            int const                                           at = g * Block::group;
            std::span<V const, std::size_t(Block::group)> const part(b.x + at, std::size_t(Block::group));
            importance_lanes<V> const weights{importance.weights + at, importance.row_mean_square};
            store(b, g, Fit::with_importance::template choose<Levels, V>(part, weights, codes + at));
        }
        put_codes<base>(codes, b.out);
    }

private:
    // Writes the parameters of group g; returns them as they will be read back.
    template <class V>
    static affine_of<V> store(block_lanes<block_type, V> const& b, int g, affine_of<V> const& measured) {
        affine_of<V> stored;
        for (int k = 0; k < lane_count<V>; ++k) {
            affine const a    = affine_in<V>(measured, k);
            affine       back = Offset::rounded(a);
            back.scale        = Scale::rounded(a.scale);
            set_affine<V>(stored, k, back);
            b.out[k]->scales[g] = store_as<typename Scale::stored>(a.scale);
            if constexpr (requires { b.out[k]->offsets; }) b.out[k]->offsets[g] = store_as<offset_type>(a.offset);
        }
        return stored;
    }
};

// What a format in planes has: codes of the whole matrix in row order, and one plane or more for each kind of
// parameter.
template <class Geometry, class Levels, class Packing, class Scale, class Offset, class Fit>
struct plane_storage {
    using geometry_type = Geometry;
    using levels_type   = Levels;
    using packing_type  = typename Packing::template for_block<0>;
    using scale_type    = Scale;
    using offset_type   = Offset;
    using fit_type      = Fit;

    // Codes and parameters of one weight, 0 where the shape of the matrix decides: packed_bytes() knows.
    static constexpr double bits_in(Geometry g) {
        return g.weights() == 0
                   ? 0.0
                   : packing_type::stored_bits + (Scale::bits + Offset::bits) / static_cast<double>(g.weights());
    }
    static constexpr double bits_per_weight = bits_in({});

    struct cell_type {
        std::uint8_t const*   codes;
        typename Scale::view  scale;
        typename Offset::view offset;
        index                 rows, cols;
        Geometry              geometry{};
    };
    QEVAL_HD static constexpr unsigned code(cell_type const& c, index i) {
        return packing_type::code(c.codes, i, c.rows * c.cols);
    }
    QEVAL_HD static constexpr float  level(unsigned c) { return Levels::value(c); }
    QEVAL_HD static constexpr affine group(cell_type const& c, index g) {
        if constexpr (Offset::in_zero) {
            return {c.scale[g], c.offset[g]};
        } else {
            return {c.scale[g], 0, c.offset[g]};
        }
    }
};

namespace detail {

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

} // namespace detail

template <fixed_string Name, class Block, class Levels, class Packing, class Scale, class Offset = no_offset,
          class Fit = fit::absmax>
struct format : detail::storage<detail::wrong_axis<Block, Levels, Packing, Scale, Offset, Fit> == detail::fits, Block,
                                Levels, Packing, Scale, Offset, Fit>::type {
    static constexpr fixed_string name = Name;
    static_assert(detail::explain_axes<detail::wrong_axis<Block, Levels, Packing, Scale, Offset, Fit>>());
};

} // namespace qeval
