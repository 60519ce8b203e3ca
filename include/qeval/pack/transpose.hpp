// Moves weights between memory, where a group's weights lie together, and lanes, where the same weight of many groups
// does.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/pack/lanes.hpp>

namespace qeval {
inline namespace QEVAL_ISA {

// Interleaves two halves: a0 b0 a1 b1 ..., the low halves of a and b or the high ones.
template <bool High, class T, int... I>
QEVAL_INLINE auto zip(T const& a, T const& b, std::integer_sequence<int, I...>) {
    constexpr int n = sizeof...(I);
    return __builtin_shufflevector(a, b, (I % 2 * n + I / 2 + (High ? n / 2 : 0))...);
}
// rows[i][j] <-> rows[j][i], N x N: log2(N) rounds of interleaving row i with row i + N/2.
template <class T, int N>
QEVAL_INLINE void transpose(vector_t<T, N> (&rows)[N]) {
    constexpr std::make_integer_sequence<int, N> all{};
    for (int round = 1; round < N; round *= 2) {
        vector_t<T, N> from[N];
        for (int i = 0; i < N; ++i) from[i] = rows[i];
        for (int i = 0; i < N / 2; ++i) {
            rows[2 * i]     = zip<false>(from[i], from[i + N / 2], all);
            rows[2 * i + 1] = zip<true>(from[i], from[i + N / 2], all);
        }
    }
}

// vector_floats numbers in a row as floats. Halves: the exponent is moved by a multiplication, which normalises
// subnormals, too; infinity and NaN stay what they are.
QEVAL_INLINE vector_t<float, vector_floats> load_floats(float const* p) {
    vector_t<float, vector_floats> v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}
template <class T>
requires(std::is_same_v<T, f16> ||
         std::is_same_v<T, bf16>) QEVAL_INLINE vector_t<float, vector_floats> load_floats(T const* p) {
    using floats = vector_t<float, vector_floats>;
    using ints   = vector_t<std::int32_t, vector_floats>;
    vector_t<std::uint16_t, vector_floats> raw;
    __builtin_memcpy(&raw, p, sizeof raw);
    ints const bits = __builtin_convertvector(raw, ints);
    if constexpr (std::is_same_v<T, bf16>) {
        return floats(bits << 16);
    } else {
        ints const   magnitude = bits & 0x7fff;
        floats const value     = floats(magnitude << 13) * 0x1p112f;
        return floats(ints(value) | (bits & 0x8000) << 16 | ((magnitude >= 0x7c00) & 0x7f800000));
    }
}

// x[i] lane k = from[k][i], i = 0 .. n-1
template <int Vectors, class T>
void gather_lanes(T const* const* from, int n, lanes<Vectors>* x) {
    for (int k = 0; k < Vectors; ++k) {
        T const* const* const source = from + k * vector_floats;
        int                   i      = 0;
        for (; i + vector_floats <= n; i += vector_floats) {
            vector_t<float, vector_floats> tile[vector_floats];
            for (int r = 0; r < vector_floats; ++r) tile[r] = load_floats(source[r] + i);
            transpose<float, vector_floats>(tile);
            for (int c = 0; c < vector_floats; ++c) x[i + c].v[k] = tile[c];
        }
        for (; i < n; ++i) {
            for (int r = 0; r < vector_floats; ++r) x[i].v[k][r] = value_of(source[r][i]);
        }
    }
}
template <class T>
void gather_lanes(T const* const* from, int n, float* x) {
    for (int i = 0; i < n; ++i) x[i] = value_of(from[0][i]);
}

// to[k][j] = bytes[j] lane k, j = 0 .. count-1
template <int Count>
void scatter_bytes(byte_lanes<Count> const* bytes, int count, std::uint8_t* const* to) {
    vector_t<std::uint8_t, Count> tile[Count]{};
    int                           j = 0;
    for (; j + Count <= count; j += Count) {
        for (int r = 0; r < Count; ++r) tile[r] = bytes[j + r].v;
        transpose<std::uint8_t, Count>(tile);
        for (int k = 0; k < Count; ++k) __builtin_memcpy(to[k] + j, &tile[k], Count);
    }
    if (j == count) return;
    for (int r = 0; r < count - j; ++r) tile[r] = bytes[j + r].v;
    transpose<std::uint8_t, Count>(tile);
    for (int k = 0; k < Count; ++k) __builtin_memcpy(to[k] + j, &tile[k], static_cast<std::size_t>(count - j));
}

} // namespace QEVAL_ISA
} // namespace qeval
