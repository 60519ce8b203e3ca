// How tokens, the rows of x and y, are dealt to register tiles: as many full tiles as fit, then 4, 2, 1.
#pragma once

#include <type_traits>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Calls f(first token, std::integral_constant<int, width>) for each tile of n tokens. Few widths: each is a copy of
// the kernel's inner loop.
template <int Widest, class F>
QEVAL_INLINE void for_each_tile(index n, F&& f) {
    index c = 0;
    for (; c + Widest <= n; c += Widest) f(c, std::integral_constant<int, Widest>{});
    if constexpr (Widest > 1) {
        constexpr int next = Widest > 4 ? 4 : Widest / 2;
        if (c < n) for_each_tile<next>(n - c, [&](index first, auto width) { f(c + first, width); });
    }
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
