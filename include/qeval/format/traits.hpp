// What follows from a format's declaration.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/concepts.hpp>
#include <qeval/format/policy/levels.hpp>

namespace qeval {

template <class F>
constexpr std::string_view name_of() {
    if constexpr (requires { F::name.view(); }) {
        return F::name.view();
    } else {
        return F::name;
    }
}

// Weights that share one affine: the block, unless the format says group_size.
template <in_blocks F>
inline constexpr int group_size_of = [] {
    if constexpr (requires { F::group_size; }) {
        return F::group_size;
    } else {
        return F::block_size;
    }
}();

// What one tensor may choose: the sizes of the groups of a plane format. Blocks are as their type says.
struct fixed_geometry {
    friend constexpr bool operator==(fixed_geometry, fixed_geometry) = default;
};
namespace detail {
template <class F>
struct geometry_of {
    using type = fixed_geometry;
};
template <in_planes F>
struct geometry_of<F> {
    using type = typename F::geometry_type;
};
} // namespace detail
template <class F>
using geometry_of = typename detail::geometry_of<F>::type;

// The value of weight i of a cell: the one oracle, everything else is compared with it. i counts within the block, or
// for planes within the flattened matrix.
template <class F>
QEVAL_HD constexpr float decode(cell_of<F> const& cell, index i) {
    if constexpr (has_decode<F>) {
        return F::decode(cell, static_cast<int>(i));
    } else if constexpr (in_blocks<F>) {
        int const k = static_cast<int>(i);
        return F::group(cell, k / group_size_of<F>)(F::level(F::code(cell, k)));
    } else {
        return F::group(cell,
                        cell.geometry.group_of(i / cell.cols, i % cell.cols, cell.cols))(F::level(F::code(cell, i)));
    }
}

// Encodes one block: the scalar form of every encoder.
template <in_blocks F>
void encode(std::span<float const, std::size_t(F::block_size)> w, cell_of<F>& b) {
    if constexpr (encodes_lanes<F, float>) {
        b                     = {};
        cell_of<F>* const out = &b;
        F::encode(block_lanes<cell_of<F>, float>{w.data(), &out});
    } else {
        F::encode(w, b);
    }
}

// Stored bits per weight, scales included, where no shape enters (padded tails come on top; packed_bytes counts them).
template <class F>
concept has_fixed_bits = in_blocks<F> || requires {
    requires F::bits_per_weight >
    0;
};
template <has_fixed_bits F>
inline constexpr double bits_per_weight = [] {
    if constexpr (in_blocks<F>) {
        return 8.0 * static_cast<double>(sizeof(cell_of<F>)) / F::block_size;
    } else {
        return F::bits_per_weight;
    }
}();

// Levels are known to the compiler, and codes can be had for sixteen rows at a time: field by field, or, in a block
// that has a way of its own to keep them (a grid), one by one.
template <class F>
concept has_lanes = grouped<F> && requires {
    typename F::levels_type;
} &&(in_blocks<F> || requires { typename F::packing_type; });
// Levels are small integers times a power of two: an int8 dot product computes with them exactly.
template <class F>
concept has_integer_levels = has_lanes<F> && facts_of<typename F::levels_type>
.integer;
// Numbers stored as they are.
template <class F>
concept dense_format = requires {
    typename F::number_type;
};

} // namespace qeval
