// The code of the level nearest to a number, for one number or in every lane.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/format/lane.hpp>
#include <qeval/format/policy/levels.hpp>

namespace qeval {

// The level table in ascending order, with the midpoints between neighbours.
template <levels_policy L>
struct sorted_levels {
    std::array<std::uint8_t, std::size_t(L::codes)> code{};
    std::array<float, std::size_t(L::codes)>        upper{}; // upper[k]: midpoint between level k and k+1

    static consteval sorted_levels make() {
        sorted_levels s;
        int           n = 0;
        for (unsigned c = 0; c < unsigned(L::codes); ++c) {
            float const v = L::value(c);
            if (v != v) continue; // NaN codes are never chosen
            int k = n++;
            for (; k > 0 && L::value(s.code[std::size_t(k - 1)]) > v; --k)
                s.code[std::size_t(k)] = s.code[std::size_t(k - 1)];
            s.code[std::size_t(k)] = static_cast<std::uint8_t>(c);
        }
        s.count = n;
        for (int k = 0; k + 1 < n; ++k) {
            s.upper[std::size_t(k)] = (L::value(s.code[std::size_t(k)]) + L::value(s.code[std::size_t(k + 1)])) / 2;
        }
        return s;
    }
    int count = 0;
};

// The code of the level nearest to x; on a midpoint the lower one.
template <levels_policy L>
constexpr unsigned nearest_code(float x) {
    constexpr sorted_levels<L> s = sorted_levels<L>::make();
    int                        k = 0;
    if constexpr (L::codes <= 16) { // a sum of comparisons: no branches
        for (int i = 0; i + 1 < s.count; ++i) k += x > s.upper[std::size_t(i)];
    } else {
        int hi = s.count - 1;
        while (k < hi) {
            int const mid = (k + hi) / 2;
            if (x > s.upper[std::size_t(mid)]) {
                k = mid + 1;
            } else {
                hi = mid;
            }
        }
    }
    return s.code[std::size_t(k)];
}

// The nearest code in every lane; small tables are searched by a sum of comparisons. The codes are numbers of type V,
// as all codes here.
template <levels_policy L, class V>
V nearest_codes(V const& x) {
    if constexpr (std::is_same_v<V, float> || L::codes > 64) {
        return per_lane(x, [](float q) { return static_cast<float>(nearest_code<L>(q)); });
    } else {
        constexpr sorted_levels<L> s = sorted_levels<L>::make();
        V                          code(s.code[0]);
        for (int i = 0; i + 1 < s.count; ++i) {
            auto const k = std::size_t(i);
            code         = select(x > s.upper[k], code + static_cast<float>(int{s.code[k + 1]} - int{s.code[k]}), code);
        }
        return code;
    }
}

// The code of the small float nearest to x, ties to even, beyond the largest the largest.
template <class Element, class V>
V element_codes(V const& x) {
    if constexpr (std::is_same_v<V, float> || Element::codes > 64) {
        return per_lane(x, [](float q) { return static_cast<float>(Element::from(q).code); });
    } else { // a sum of comparisons with the smallest float that rounds to each magnitude, found by bisection
        constexpr auto first_of = [] {
            std::array<float, Element::max_code> first{};
            for (unsigned c = 0; c < Element::max_code; ++c) {
                auto below = bit_cast<std::uint32_t>(Element::value(c)),
                     above = bit_cast<std::uint32_t>(Element::value(c + 1));
                while (above - below > 1) {
                    auto const middle                                                 = below + (above - below) / 2;
                    (Element::from(bit_cast<float>(middle)).code > c ? above : below) = middle;
                }
                first[c] = bit_cast<float>(above);
            }
            return first;
        }();
        V const size = magnitude(x);
        V       code = select(sign_bit(x), V(static_cast<float>(Element::sign_bit)), V(0.0f));
        for (float first : first_of) code = select(size >= first, code + 1.0f, code);
        return code;
    }
}

template <levels_policy L>
inline constexpr float largest_level = [] {
    float top = 0;
    for (unsigned c = 0; c < unsigned(L::codes); ++c) {
        float const v = L::value(c) < 0 ? -L::value(c) : L::value(c);
        if (v > top && v <= 0x1.fffffep127f) top = v; // finite
    }
    return top;
}();

} // namespace qeval
