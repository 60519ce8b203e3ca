// Axis "fit": which scale, zero and offset a group of floats gets, and which code each of them.
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <span>

#include <qeval/core/macros.hpp>
#include <qeval/format/affine.hpp>
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
            for (; k > 0 && L::value(s.code[std::size_t(k - 1)]) > v; --k) s.code[std::size_t(k)] = s.code[std::size_t(k - 1)];
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

template <levels_policy L>
inline constexpr float largest_level = [] {
    float top = 0;
    for (unsigned c = 0; c < unsigned(L::codes); ++c) {
        float const v = L::value(c) < 0 ? -L::value(c) : L::value(c);
        if (v > top) top = v;
    }
    return top;
}();

constexpr float max_abs(std::span<float const> w) {
    float top = 0;
    for (float x : w) {
        float const magnitude = x < 0 ? -x : x;
        if (magnitude > top) top = magnitude;
    }
    return top;
}

// A fit measures a group, then yields a function from a float to its code. `measured` is what measure() returned,
// `stored` the same after rounding to the stored types.
template <class Fit, class L>
concept fit_policy = levels_policy<L> && requires(std::span<float const> w, affine a, float x) {
    { Fit::template measure<L>(w) } -> std::same_as<affine>;
    { Fit::template encoder<L>(a, a)(x) } -> std::convertible_to<unsigned>;
};

namespace fit {

// The largest magnitude lands on the largest level; codes are nearest to x / stored scale.
struct absmax {
    template <class L>
    static affine measure(std::span<float const> w) {
        return {max_abs(w) / largest_level<L>, 0, 0};
    }
    template <class L>
    static auto encoder(affine, affine stored) {
        return [scale = stored.scale](float x) { return nearest_code<L>(scale == 0 ? 0.0f : x / scale); };
    }
};

// bitsandbytes: scale = absmax, codes nearest to x * (1 / absmax).
struct absmax_reciprocal {
    template <class L>
    static affine measure(std::span<float const> w) {
        return {max_abs(w), 0, 0};
    }
    template <class L>
    static auto encoder(affine measured, affine) {
        return [inverse = 1.0f / std::fmax(measured.scale, 1e-38f)](float x) { return nearest_code<L>(x * inverse); };
    }
};

// Symmetric integers, d = absmax / largest level: the code is x / d rounded to nearest, ties to even.
struct absmax_round_even {
    template <class L>
    static affine measure(std::span<float const> w) {
        return {max_abs(w) / static_cast<float>(facts_of<L>.highest), 0, 0};
    }
    template <class L>
    static auto encoder(affine, affine stored) {
        return [scale = stored.scale](float x) {
            constexpr float top = static_cast<float>(facts_of<L>.highest);
            float const     q   = scale == 0 ? 0.0f : std::nearbyint(x / scale);
            return static_cast<unsigned>(static_cast<int>(std::fmin(top, std::fmax(-top, q)))) & unsigned(L::codes - 1);
        };
    }
};

// ggml Q8_0: d = absmax / 127 before rounding to f16, code = x * (1 / d) rounded half away from zero.
struct absmax_round_away {
    template <class L>
    static affine measure(std::span<float const> w) {
        return {max_abs(w) / static_cast<float>(facts_of<L>.highest), 0, 0};
    }
    template <class L>
    static auto encoder(affine measured, affine) {
        return [inverse = measured.scale == 0 ? 0.0f : 1.0f / measured.scale](float x) {
            return static_cast<unsigned>(static_cast<int>(std::round(x * inverse))) & unsigned(L::codes - 1);
        };
    }
};

// ggml Q4_0, Q5_0: the value of largest magnitude, sign included, lands on the lowest level -2^(b-1);
// code = min(2^b - 1, trunc(x / d + 2^(b-1) + 0.5)), with d before rounding to f16.
struct extreme_on_lowest {
    template <class L>
    static affine measure(std::span<float const> w) {
        float top = 0, extreme = 0;
        for (float x : w) {
            if (std::fabs(x) > top) top = std::fabs(x), extreme = x;
        }
        return {extreme / static_cast<float>(facts_of<L>.lowest), 0, 0};
    }
    template <class L>
    static auto encoder(affine measured, affine) {
        return [inverse = measured.scale == 0 ? 0.0f : 1.0f / measured.scale](float x) {
            constexpr int last = L::codes - 1;
            int const     q    = static_cast<int>(x * inverse + (0.5f - static_cast<float>(facts_of<L>.lowest)));
            return static_cast<unsigned>(q < last ? q : last);
        };
    }
};

// ggml Q4_1, Q5_1: the range [min, max] of the group on 2^b levels; code = min(2^b - 1, trunc((x - min) / d + 0.5)).
struct min_max {
    template <class L>
    static affine measure(std::span<float const> w) {
        float lo = w[0], hi = w[0];
        for (float x : w) lo = x < lo ? x : lo, hi = x > hi ? x : hi;
        return {(hi - lo) / static_cast<float>(L::codes - 1), 0, lo};
    }
    template <class L>
    static auto encoder(affine measured, affine) {
        return [low = measured.offset, inverse = measured.scale == 0 ? 0.0f : 1.0f / measured.scale](float x) {
            constexpr int last = L::codes - 1;
            int const     q    = static_cast<int>((x - low) * inverse + 0.5f);
            return static_cast<unsigned>(q < last ? q : last);
        };
    }
};

// AWQ pseudo_quantize_tensor: scale = max(range, 1e-5) / (2^b - 1), zero = clamp(round(-min / scale)),
// code = clamp(round(x / scale) + zero); both roundings to even, with the scale before it is stored.
struct min_max_zero_point {
    template <class L>
    static affine measure(std::span<float const> w) {
        float lo = w[0], hi = w[0];
        for (float x : w) lo = x < lo ? x : lo, hi = x > hi ? x : hi;
        constexpr float last  = static_cast<float>(L::codes - 1);
        float const     scale = std::fmax(hi - lo, 1e-5f) / last;
        return {scale, std::fmin(last, std::fmax(0.0f, -std::nearbyint(lo / scale))), 0};
    }
    template <class L>
    static auto encoder(affine measured, affine) {
        return [scale = measured.scale, zero = measured.zero](float x) {
            constexpr float last = static_cast<float>(L::codes - 1);
            return static_cast<unsigned>(std::fmin(last, std::fmax(0.0f, std::nearbyint(x / scale) + zero)));
        };
    }
};

// OCP MX: shared exponent floor(log2 absmax) - emax of the element type; elements rounded to nearest even, saturating.
template <class Element>
struct shared_exponent {
    template <class L>
    static affine measure(std::span<float const> w) {
        float const top = max_abs(w);
        if (!(top > 0)) return {0x1p-127f, 0, 0};
        int exponent = 0;
        std::frexp(top, &exponent); // top = m * 2^exponent, m in [0.5, 1)
        int const e = exponent - 1 - Element::emax;
        return {std::ldexp(1.0f, e < -127 ? -127 : e), 0, 0};
    }
    template <class L>
    static auto encoder(affine, affine stored) {
        return [scale = stored.scale](float x) { return unsigned{Element::from(x / scale).code}; };
    }
};

// Small floats under a free scale: absmax on the largest element, elements rounded to nearest even (fp8 per channel).
template <class Element>
struct absmax_element {
    template <class L>
    static affine measure(std::span<float const> w) {
        return {max_abs(w) / largest_level<L>, 0, 0};
    }
    template <class L>
    static auto encoder(affine, affine stored) {
        return [scale = stored.scale](float x) { return unsigned{Element::from(scale == 0 ? 0.0f : x / scale).code}; };
    }
};

} // namespace fit
} // namespace qeval
