// A rows x cols matrix in a format, somewhere in memory: in an owning packed_matrix or in a mapped file.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/policy/scale.hpp>
#include <qeval/format/traits.hpp>

namespace qeval {

template <class F>
struct packed_view;

// Rows of blocks; the last block of a row may be padded.
template <in_blocks F>
struct packed_view<F> {
    typename F::block_type const* blocks = nullptr;
    index                         rows   = 0;
    index                         cols   = 0;

    [[nodiscard]] QEVAL_HD static constexpr index blocks_in(index cols) {
        return (cols + F::block_size - 1) / F::block_size;
    }
    [[nodiscard]] static constexpr index bytes(index rows, index cols, fixed_geometry = {}) {
        return rows * blocks_in(cols) * static_cast<index>(sizeof(typename F::block_type));
    }
    [[nodiscard]] QEVAL_HD constexpr typename F::block_type const* row(index r) const {
        return blocks + r * blocks_in(cols);
    }
    [[nodiscard]] QEVAL_HD constexpr float operator()(index r, index c) const {
        return decode<F>(row(r)[c / F::block_size], c % F::block_size);
    }
};

// Planes: codes first, then the scale's planes, then the offset's.
template <in_planes F>
struct packed_view<F> {
    using cell_type = typename F::cell_type;
    cell_type cell{};
    index     rows = 0;
    index     cols = 0;

    static constexpr int plane_count = 1 + F::scale_type::plane_count + F::offset_type::plane_count;
    using plane_list                 = std::array<plane_shape, std::size_t(plane_count)>;

    [[nodiscard]] static constexpr plane_list planes(index rows, index cols, geometry_of<F> geometry = {}) {
        plane_list  list{};
        index const groups = geometry.groups(rows, cols);
        list[0]            = {"codes", 1, F::packing_type::bytes(rows * cols)};
        std::size_t n      = 1;
        for (auto const& p : F::scale_type::shapes(groups)) list[n++] = p;
        for (auto const& p : F::offset_type::shapes(groups)) list[n++] = p;
        return list;
    }
    [[nodiscard]] static constexpr index bytes(index rows, index cols, geometry_of<F> geometry = {}) {
        index sum = 0;
        for (auto const& p : planes(rows, cols, geometry)) sum += p.element_bytes * p.count;
        return sum;
    }
    [[nodiscard]] static packed_view bind(std::span<std::byte const* const, std::size_t(plane_count)> plane, index rows,
                                          index cols, geometry_of<F> geometry = {}) {
        return {{reinterpret_cast<std::uint8_t const*>(plane[0]), F::scale_type::bind(plane.data() + 1),
                 F::offset_type::bind(plane.data() + 1 + F::scale_type::plane_count), rows, cols, geometry},
                rows,
                cols};
    }
    [[nodiscard]] QEVAL_HD constexpr float operator()(index r, index c) const { return decode<F>(cell, r * cols + c); }
};

// Exactly what a matrix takes, padded tails and all planes included.
template <class F>
constexpr index packed_bytes(index rows, index cols, geometry_of<F> geometry = {}) {
    return packed_view<F>::bytes(rows, cols, geometry);
}

} // namespace qeval
