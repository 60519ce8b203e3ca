// The CPU's activations: row-major xtensor matrices. The only header that includes xtensor.
#pragma once

#if __has_include(<xtensor/containers/xtensor.hpp>) // 0.26 moved the headers into folders
#    include <xtensor/containers/xtensor.hpp>
#    include <xtensor/core/xnoalias.hpp>
#    include <xtensor/views/xview.hpp>
#else
#    include <xtensor/xnoalias.hpp>
#    include <xtensor/xtensor.hpp>
#    include <xtensor/xview.hpp>
#endif

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

using tensor = xt::xtensor<float, 2>; // [tokens, width]

[[nodiscard]] inline tensor make_tensor(index rows, index cols) { // values are not set
    return tensor::from_shape({std::size_t(rows), std::size_t(cols)});
}
[[nodiscard]] inline matrix_view<float> view_of(tensor& t) { return {t.data(), index(t.shape(0)), index(t.shape(1))}; }
[[nodiscard]] inline matrix_view<float const> view_of(tensor const& t) {
    return {t.data(), index(t.shape(0)), index(t.shape(1))};
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
