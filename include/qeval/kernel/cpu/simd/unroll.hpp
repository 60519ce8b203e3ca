// Loops over registers whose index chooses a type or an instruction; others are plain loops under QEVAL_UNROLL.
#pragma once

#include <type_traits>
#include <utility>

#include <qeval/core/macros.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// f(0), f(1), ..., f(N - 1) with constant arguments. Mark the lambda always_inline, too.
template <int N, class F>
QEVAL_INLINE void each(F const& f) {
    [&]<int... I>(std::integer_sequence<int, I...>) QEVAL_LAMBDA_INLINE { (f(std::integral_constant<int, I>{}), ...); }
    (std::make_integer_sequence<int, N>{});
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
