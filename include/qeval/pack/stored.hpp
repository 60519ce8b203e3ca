// A packed matrix as the bytes of one tensor in a file: blocks in row order, or all planes one after the other.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval {

// Calls sink(plane_shape, span of bytes) for each plane; blocks are one.
template <class F, class Sink>
void for_each_stored(packed_matrix<F> const& m, Sink&& sink) {
    if constexpr (in_blocks<F>) {
        int const size = static_cast<int>(sizeof(cell_of<F>));
        sink(plane_shape{"blocks", size, m.bytes() / size}, m.stored());
    } else {
        auto const shapes = packed_view<F>::planes(m.rows(), m.cols(), m.geometry());
        for (std::size_t p = 0; p < shapes.size(); ++p) sink(shapes[p], m.plane(p));
    }
}
// Calls sink(span of bytes) for each piece; the pieces add up to packed_bytes<F>.
template <class F, class Sink>
void write_stored(packed_matrix<F> const& m, Sink&& sink) {
    for_each_stored(m, [&](plane_shape const&, std::span<std::byte const> bytes) { sink(bytes); });
}

namespace detail {
[[noreturn]] inline void wrong_size(std::string const& place, std::size_t found, index expected, index rows, index cols,
                                    std::string_view format) {
    throw file_error{{"PK01", place, std::to_string(found) + " bytes",
                      std::to_string(expected) + " for " + std::to_string(rows) + " x " + std::to_string(cols) +
                          " in " + std::string(format),
                      ""}};
}
} // namespace detail

// The inverse; `bytes` must have exactly the size that rows, cols and geometry ask for. They are used where they lie if
// `memory` keeps them valid and their alignment allows it, else copied.
template <class F>
packed_matrix<F> read_stored(std::span<std::byte const> bytes, index rows, index cols, std::string const& place,
                             geometry_of<F> geometry = {}, std::shared_ptr<void const> memory = {}) {
    index const expected = packed_bytes<F>(rows, cols, geometry);
    if (static_cast<index>(bytes.size()) != expected)
        detail::wrong_size(place, bytes.size(), expected, rows, cols, name_of<F>());
    if (memory != nullptr && packed_matrix<F>::can_share(bytes.data(), rows, cols, geometry)) {
        return packed_matrix<F>(bytes, std::move(memory), rows, cols, geometry);
    }
    packed_matrix<F> m(rows, cols, geometry);
    if constexpr (in_blocks<F>) {
        if (!bytes.empty()) std::memcpy(m.blocks(), bytes.data(), bytes.size());
    } else {
        std::size_t at = 0;
        for (std::size_t p = 0; p < std::size_t(packed_view<F>::plane_count); ++p) {
            auto const plane = m.plane(p);
            std::memcpy(plane.data(), bytes.data() + at, plane.size());
            at += plane.size();
        }
    }
    return m;
}

} // namespace qeval
