// How much of a packed matrix are scales, zeros and offsets.
#pragma once

#include <optional>

#include <qeval/format/traits.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval {

// A block that keeps the codes of its weights apart, under that name. A grid's codes share their bytes with scales.
template <class F>
concept has_code_bytes = in_blocks<F> && grouped<F> && !requires {
    typename F::grid_type;
}
&&requires(typename F::block_type const& b) { b.codes; };

// How many of packed_bytes<F> are no codes; nothing for formats that do not keep the two apart.
template <class F>
[[nodiscard]] constexpr std::optional<index> parameter_bytes(index rows, index cols, geometry_of<F> geometry = {}) {
    if constexpr (dense_format<F>) {
        return 0;
    } else if constexpr (in_planes<F>) {
        auto const codes = packed_view<F>::planes(rows, cols, geometry)[0];
        return packed_bytes<F>(rows, cols, geometry) - codes.element_bytes * codes.count;
    } else if constexpr (has_code_bytes<F>) {
        auto const beside = static_cast<index>(sizeof(cell_of<F>) - sizeof(cell_of<F>::codes));
        return rows * packed_view<F>::blocks_in(cols) * beside;
    } else {
        return std::nullopt;
    }
}

} // namespace qeval
