// xtensor arrays <-> matrices in a format: the only place below model/ that knows xtensor.
#pragma once

#include <stdexcept>
#include <string>

#if __has_include(<xtensor/containers/xtensor.hpp>) // 0.26 moved its headers into folders
#    include <xtensor/containers/xtensor.hpp>
#    include <xtensor/core/xeval.hpp>
#else
#    include <xtensor/xeval.hpp>
#    include <xtensor/xtensor.hpp>
#endif

#include <qeval/core/error.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/explain.hpp>
#include <qeval/pack/decode.hpp>
#include <qeval/pack/encode.hpp>

namespace qeval {

using dense_matrix = xt::xtensor<float, 2>;
using dense_vector = xt::xtensor<float, 1>;

// A window into a row-major container; an expression must be evaluated first, because a view does not own.
inline matrix_view<float> as_view(dense_matrix& m) {
    return {m.data(), static_cast<index>(m.shape(0)), static_cast<index>(m.shape(1))};
}
inline matrix_view<float const> as_view(dense_matrix const& m) {
    return {m.data(), static_cast<index>(m.shape(0)), static_cast<index>(m.shape(1))};
}
// A vector is a matrix of one row.
inline matrix_view<float>       as_view(dense_vector& v) { return {v.data(), 1, static_cast<index>(v.shape(0))}; }
inline matrix_view<float const> as_view(dense_vector const& v) { return {v.data(), 1, static_cast<index>(v.shape(0))}; }
matrix_view<float const>        as_view(dense_matrix&&) = delete; // would dangle
matrix_view<float const>        as_view(dense_vector&&) = delete;

// Encodes a two-dimensional array or expression [rows, cols]; other element types are converted to float.
template <class F, class E>
packed_matrix<F> pack(xt::xexpression<E> const& weights, thread_pool& pool) {
    static_assert(explain_format<F>());
    auto const& e = weights.derived_cast();
    if (e.dimension() != 2) {
        throw usage_error({"PK02", "pack", std::to_string(e.dimension()) + " dimensions", "2: [rows, columns]",
                           "reshape the weights first"});
    }
    if constexpr (quant_format<F>) {
        dense_matrix const values = e;
        return pack<F>(as_view(values), pool);
    } else {
        return packed_matrix<F>();
    }
}
template <class F, class E>
packed_matrix<F> pack(xt::xexpression<E> const& weights) {
    static_assert(explain_format<F>());
    thread_pool one(1);
    return pack<F>(weights, one);
}

// The values that the format kept, [rows, cols].
template <class F>
dense_matrix unpack(packed_matrix<F> const& m, thread_pool& pool) {
    dense_matrix out({static_cast<std::size_t>(m.rows()), static_cast<std::size_t>(m.cols())});
    unpack(m.view(), as_view(out), pool);
    return out;
}
template <class F>
dense_matrix unpack(packed_matrix<F> const& m) {
    thread_pool one(1);
    return unpack(m, one);
}

} // namespace qeval
