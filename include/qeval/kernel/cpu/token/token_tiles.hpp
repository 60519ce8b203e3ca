// How tokens, the rows of x and y, are dealt to register tiles: as many full tiles as fit, then 4, 2, 1.
#pragma once

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// The next tile's share of n tokens. Few widths: each is a copy of the kernel's inner loop.
template <int Widest>
constexpr index tile_width(index n) {
    if constexpr (Widest == 1) {
        return 1;
    } else {
        return n >= Widest ? Widest : tile_width<(Widest > 4 ? 4 : Widest / 2)>(n);
    }
}

// make(std::integral_constant<int, width>) for every width there is, by width.
template <int Widest, class Make>
constexpr auto by_width(Make make) {
    std::array<decltype(make(std::integral_constant<int, 1>{})), std::size_t(Widest + 1)> made{};
    [&]<int... W>(std::integer_sequence<int, W...>) {
        (
            [&] {
                if constexpr (tile_width<Widest>(W + 1) == W + 1)
                    made[std::size_t(W + 1)] = make(std::integral_constant<int, W + 1>{});
            }(),
            ...);
    }
    (std::make_integer_sequence<int, Widest>{});
    return made;
}

// Calls f(first token, std::integral_constant<int, width>) for each tile of n tokens.
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
