// Packed weights times dense activations on the CPU: auto y = qeval::cpu::matmul(w, x);
#pragma once

#include <array>
#include <cstddef>
#include <tuple>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/cpu/matmul.hpp>
#include <qeval/pack/packed_matrix.hpp>
#include <qeval/pack/xtensor.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// The rank of an array or expression where its type says it, else 0.
template <class E>
inline constexpr std::size_t rank_of = [] {
    if constexpr (requires { std::tuple_size<typename E::shape_type>::value; }) {
        return std::tuple_size<typename E::shape_type>::value;
    } else {
        return std::size_t{0};
    }
}();

// x of rank 1, [cols], gives y [rows] (matrix-vector); x of rank 2, [n, cols], gives y [n, rows]. The path is
// exact_path{} (f32 sums, or emulated 16 bit) or integer_path{}; without a pool the calling thread works alone.
template <class F, class E, class Path = exact_path>
auto matmul(packed_view<F> const& w, xt::xexpression<E> const& x, thread_pool& pool, Path path = {}) {
    constexpr std::size_t rank = rank_of<E> == 1 ? 1 : 2;
    static_assert(
        rank_of<E> == rank,
        "qeval: [QF31] matmul takes activations of a fixed rank: 'xt::xtensor<float, 1>' or 'xt::xtensor<float, 2>'");
    xt::xtensor<float, rank> const in = x.derived_cast();
    std::array<std::size_t, rank>  shape{};
    if constexpr (rank == 2) shape[0] = in.shape(0);
    shape[rank - 1] = static_cast<std::size_t>(w.rows);
    xt::xtensor<float, rank> y(shape);
    matmul_into(w, as_view(in), as_view(y), pool, path);
    return y;
}
template <class F, class E, class Path = exact_path>
auto matmul(packed_view<F> const& w, xt::xexpression<E> const& x, Path path = {}) {
    thread_pool one(1);
    return matmul(w, x, one, path);
}
template <class F, class E, class... Rest>
auto matmul(packed_matrix<F> const& w, xt::xexpression<E> const& x, Rest&&... rest) {
    return matmul(w.view(), x, rest...);
}

// Views: [n, cols] in, [n, rows] out, as an array that owns its values.
template <class F, class Path = exact_path>
dense_matrix matmul(packed_view<F> const& w, matrix_view<float const> x, thread_pool& pool, Path path = {}) {
    dense_matrix y({static_cast<std::size_t>(x.rows), static_cast<std::size_t>(w.rows)});
    matmul_into(w, x, as_view(y), pool, path);
    return y;
}
template <class F, class Path = exact_path>
dense_matrix matmul(packed_view<F> const& w, matrix_view<float const> x, Path path = {}) {
    thread_pool one(1);
    return matmul(w, x, one, path);
}
template <class F, class... Rest>
dense_matrix matmul(packed_matrix<F> const& w, matrix_view<float const> x, Rest&&... rest) {
    return matmul(w.view(), x, rest...);
}

// Dense weights: say in which format, matmul(pack<q4_0>(w), x).
struct pack_the_weights_first : dense_matrix {};
template <class Dense, class X, class... Rest>
requires requires(Dense const& w) { w.data(); } || requires(Dense const& w) {
    w.data;
}
pack_the_weights_first matmul(Dense const& pack_the_weights_first, X const& x, Rest&&...) = delete;

} // namespace QEVAL_ISA
} // namespace qeval::cpu
