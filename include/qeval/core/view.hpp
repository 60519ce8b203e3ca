// Non-owning row-major matrices.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace qeval {

using index = std::int64_t; // rows, columns and tokens; signed, so that differences are safe

// A rows x cols window into memory whose rows lie `stride` elements apart.
template <class T>
struct matrix_view {
    T*    data   = nullptr;
    index rows   = 0;
    index cols   = 0;
    index stride = 0;

    constexpr matrix_view() = default;
    constexpr matrix_view(T* d, index r, index c) : data(d), rows(r), cols(c), stride(c) {}
    constexpr matrix_view(T* d, index r, index c, index s) : data(d), rows(r), cols(c), stride(s) {}

    [[nodiscard]] constexpr T&           operator()(index r, index c) const { return data[r * stride + c]; }
    [[nodiscard]] constexpr std::span<T> row(index r) const {
        return {data + r * stride, static_cast<std::size_t>(cols)};
    }
    [[nodiscard]] constexpr matrix_view slice(index first, index count) const { // rows [first, first + count)
        return {data + first * stride, count, cols, stride};
    }
    template <class Const>
    requires(std::is_same_v<Const, T const> && !std::is_const_v<T>) constexpr operator matrix_view<Const>() const {
        return {data, rows, cols, stride};
    }
};

} // namespace qeval
