// The error of one matrix product under a scheme, split into its sources.
#pragma once

#include <cmath>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/activation.hpp>
#include <qeval/kernel/compute.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/scheme/any_format.hpp>

namespace qeval {

// Root mean squares over those of the exact product x W^T, all products but the kernel's own in double:
//   weights       Q(W) in the place of W
//   activations   and the rounded x in the place of x
//   accumulation  and the kernel's result in the place of the product of the rounded operands
//   total         the kernel's result against x W^T
struct product_error {
    double weights = 0, activations = 0, accumulation = 0, total = 0;
};

namespace detail {

// [n, rows] = x [n, cols] w^T
inline std::vector<double> product(std::span<float const> w, index rows, std::span<float const> x, index n, index cols,
                                   thread_pool& pool) {
    std::vector<double> y(static_cast<std::size_t>(n * rows));
    pool.for_chunks(rows, 16, [&](index first, index last) {
        for (index i = 0; i < n; ++i) {
            for (index r = first; r < last; ++r) {
                double sum = 0;
                for (index k = 0; k < cols; ++k) {
                    sum += double(w[static_cast<std::size_t>(r * cols + k)]) *
                           double(x[static_cast<std::size_t>(i * cols + k)]);
                }
                y[static_cast<std::size_t>(i * rows + r)] = sum;
            }
        }
    });
    return y;
}
template <class A, class B>
double distance(A const& a, B const& b) { // root of the sum of squares
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += (double(a[i]) - double(b[i])) * (double(a[i]) - double(b[i]));
    return std::sqrt(sum);
}

} // namespace detail

// w [rows, cols] in `format`, x [n, cols] in an activation format (nullptr: as they are), multiplied
// by the linear that make(packed weights) returns: the integer path, the exact path, ...
template <class Make>
[[nodiscard]] product_error attribute_product(any_format const& format, matrix_view<float const> w,
                                              matrix_view<float const> x, any_activation const* activations,
                                              thread_pool& pool, Make const& make) {
    index const                  rows = w.rows, cols = w.cols, n = x.rows;
    std::span<float const> const weights(w.data, static_cast<std::size_t>(rows * cols)),
        inputs(x.data, static_cast<std::size_t>(n * cols));
    std::vector<float> decoded(weights.size()), rounded(inputs.begin(), inputs.end()),
        y(static_cast<std::size_t>(n * rows));
    auto const packed = format.pack(w, pool);
    packed->unpack({decoded.data(), rows, cols}, pool);
    for (index i = 0; activations != nullptr && i < n; ++i) {
        auto const at = static_cast<std::size_t>(i * cols), size = static_cast<std::size_t>(cols);
        activations->round(inputs.subspan(at, size), std::span(rounded).subspan(at, size));
    }
    std::unique_ptr<linear> const kernel = make(*packed);
    kernel->apply(*kernel->prepare(x), {y.data(), n, rows});

    auto const   exact        = detail::product(weights, rows, inputs, n, cols, pool);
    auto const   with_weights = detail::product(decoded, rows, inputs, n, cols, pool);
    auto const   with_both    = detail::product(decoded, rows, rounded, n, cols, pool);
    double const norm         = detail::distance(exact, std::vector<double>(exact.size()));
    return {detail::distance(with_weights, exact) / norm, detail::distance(with_both, with_weights) / norm,
            detail::distance(y, with_both) / norm, detail::distance(y, exact) / norm};
}

} // namespace qeval
