// y = x W^T in one call, for code that has no use for a type-erased `linear`.
#pragma once

#include <array>
#include <string>
#include <type_traits>

#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// y [n, rows] = x [n, cols] W^T; one row of x is a matrix-vector product.
template <class F, class Path = exact_path>
void matmul_into(packed_view<F> const& w, matrix_view<float const> x, matrix_view<float> y, thread_pool& pool,
                 Path path = {}) {
    static_assert(
        !std::is_same_v<Path, integer_path> || integer_path_fits<F>,
        "qeval: [QF30] the integer path needs levels that are small integers; use 'exact_path{}' for this format");
    if (x.cols != w.cols || y.rows != x.rows || y.cols != w.rows) {
        auto const shape = [](auto const& m) { return shape_text(std::array{m.rows, m.cols}); };
        throw usage_error({"MM01", "matmul", "x " + shape(x) + " times w " + shape(w) + " into y " + shape(y),
                           "x [n, " + std::to_string(w.cols) + "], y [n, " + std::to_string(w.rows) + "]",
                           "x holds one input in each row"});
    }
    unpacked_panel<F, Path::asks> const panel(w);
    path.accept(panel);
    auto const prepared = path.prepare(x, pool);
    auto const product  = path.product(panel, *prepared, pool.size());
    pool.for_chunks(product->units(), product->together(),
                    [&](index begin, index end) { product->run(begin, end, product->outputs(y, begin, end)); });
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
