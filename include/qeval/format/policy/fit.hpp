// Axis "fit": which scale, zero and offset a group of floats gets, and which code each of them.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/format/affine.hpp>
#include <qeval/format/block_lanes.hpp>
#include <qeval/format/lane.hpp>
#include <qeval/format/policy/levels.hpp>
#include <qeval/format/policy/nearest_code.hpp>
#include <qeval/format/search.hpp>

namespace qeval {

constexpr float max_abs(std::span<float const> w) {
    float top = 0;
    for (float x : w) {
        float const size = x < 0 ? -x : x;
        if (size > top) top = size;
    }
    return top;
}
template <class V>
requires(!std::is_same_v<V, float>) V max_abs(std::span<V const> w) {
    V top = 0.0f;
    for (V const& x : w) top = larger_of(magnitude(x), top);
    return top;
}

template <class V>
struct low_high {
    V low, high;
};
template <class Weights>
auto range_of(Weights w) {
    using V = std::remove_const_t<typename Weights::element_type>;
    low_high<V> r{w[0], w[0]};
    for (V const& x : w) {
        r.low  = smaller_of(x, r.low);
        r.high = larger_of(x, r.high);
    }
    return r;
}

// Levels that are whole numbers as codes: counted from the lowest, or two's complement.
template <levels_policy L, class V>
V as_codes(V const& level) {
    if constexpr (facts_of<L>.affine) {
        return level - static_cast<float>(facts_of<L>.lowest);
    } else {
        return level + select(level < 0.0f, V(static_cast<float>(L::codes)), V(0.0f));
    }
}

// Where a reference multiplies by a reciprocal, it is 0 for a scale of 0.
template <class V>
V reciprocal_or_zero(V const& x) {
    return select(x == 0.0f, V(0.0f), V(1.0f) / x);
}
// x / scale, or 0 where the scale is 0.
template <class V>
V quotient_or_zero(V const& x, V const& scale) {
    return select(scale == 0.0f, V(0.0f), x / scale);
}
// x rounded to the nearest integer, ties to even, within -bound .. bound (bound < 2^22).
template <class V>
V round_even(V const& x, float bound) {
    return smaller_of(larger_of(x, V(-bound)), V(bound)) + V(rounding_bias) - V(rounding_bias);
}

// A fit measures a group, then yields a function from a weight to its code. `measured` is what measure() returned,
// `stored` the same after rounding to the stored types. Both are written for float, or for any lane type (lane.hpp).
template <class Fit, class L>
concept fit_policy = levels_policy<L> && requires(std::span<float const> w, affine a, float x) {
    { Fit::template measure<L>(w) } -> std::same_as<affine>;
    { Fit::template encoder<L>(a, a)(x) } -> std::convertible_to<unsigned>;
};
template <class Fit, class L, class V>
concept lane_fit = fit_policy<Fit, L> && requires(std::span<V const> w, affine_of<V> a, V x) {
    { Fit::template measure<L>(w) } -> std::same_as<affine_of<V>>;
    { Fit::template encoder<L>(a, a)(x) } -> std::same_as<V>;
};
// A fit that can weigh errors says how: choose<L>(x, importance, codes) returns the parameters and fills in the codes.
// The number of weights x is part of its type, so that a fit can size what it keeps of each.
template <class Fit>
concept weighing_fit = requires {
    typename Fit::with_importance;
};

namespace fit {

template <class Weights>
using lane_in = std::remove_const_t<typename Weights::element_type>;

// Scales by which the largest magnitude of a group lands on the largest level's, on the highest level (of integers), or
// on 1.
struct on_largest_level {
    template <class L, class Weights>
    static affine_of<lane_in<Weights>> measure(Weights w) {
        return {max_abs(w) / largest_level<L>, 0, 0};
    }
};
struct on_highest {
    template <class L, class Weights>
    static affine_of<lane_in<Weights>> measure(Weights w) {
        return {max_abs(w) / static_cast<float>(facts_of<L>.highest), 0, 0};
    }
};
struct on_one {
    template <class L, class Weights>
    static affine_of<lane_in<Weights>> measure(Weights w) {
        return {max_abs(w), 0, 0};
    }
};

// The largest magnitude lands on the largest level; codes are nearest to x / stored scale.
struct absmax : on_largest_level {
    template <class L, class Affine>
    static auto encoder(Affine, Affine stored) {
        return [scale = stored.scale](auto x) { return nearest_codes<L>(quotient_or_zero(x, scale)); };
    }
};

// bitsandbytes: scale = absmax, codes nearest to x * (1 / absmax).
struct absmax_reciprocal : on_one {
    template <class L, class Affine>
    static auto encoder(Affine measured, Affine) {
        using V = decltype(measured.scale);
        return
            [inverse = V(1.0f) / larger_of(measured.scale, V(1e-38f))](V x) { return nearest_codes<L>(x * inverse); };
    }
};

// Symmetric integers, d = absmax / largest level: the code is x / d rounded to nearest, ties to even. W8A16 and W8A8;
// AWQ's without a zero point.
struct absmax_round_even : on_highest {
    template <class L, class Affine>
    static auto encoder(Affine, Affine stored) {
        return [scale = stored.scale](auto x) {
            return as_codes<L>(round_even(quotient_or_zero(x, scale), static_cast<float>(facts_of<L>.highest)));
        };
    }
};

// ggml Q8_0: d = absmax / 127 before rounding to f16, code = x * (1 / d) rounded half away from zero.
struct absmax_round_away : on_highest {
    template <class L, class Affine>
    static auto encoder(Affine measured, Affine) {
        return [inverse = reciprocal_or_zero(measured.scale)](auto x) {
            using V   = decltype(x);
            V const q = x * inverse, whole = truncated(q), rest = q - whole; // exact
            V const up = select(rest >= 0.5f, V(1.0f), V(0.0f)), down = select(rest <= -0.5f, V(1.0f), V(0.0f));
            return as_codes<L>(whole + up - down);
        };
    }
};

// ggml Q4_0, Q5_0: the value of largest magnitude, sign included, lands on the lowest level -2^(b-1);
// code = min(2^b - 1, trunc(x / d + 2^(b-1) + 0.5)), with d before rounding to f16.
struct extreme_on_lowest {
    template <class L, class Weights>
    static affine_of<lane_in<Weights>> measure(Weights w) {
        return {search::find_extreme(w.data(), static_cast<int>(w.size())).value /
                    static_cast<float>(facts_of<L>.lowest),
                0, 0};
    }
    template <class L, class Affine>
    static auto encoder(Affine measured, Affine) {
        return [inverse = reciprocal_or_zero(measured.scale)](auto x) {
            using V = decltype(x);
            return smaller_of(truncated(x * inverse + (0.5f - static_cast<float>(facts_of<L>.lowest))),
                              V(L::codes - 1));
        };
    }
    // The scale is searched for; errors count importance * sqrt(mean square of the row + x^2).
    struct with_importance {
        template <class L, class V, std::size_t Group>
        static affine_of<V> choose(std::span<V const, Group> w, importance_lanes<V> const& importance, V* codes) {
            constexpr int n = static_cast<int>(Group);
            V             weights[Group];
            search::weigh(w.data(), importance.weights, importance.row_mean_square, n, weights);
            return {search::symmetric(w.data(), weights, n, -facts_of<L>.lowest, codes), 0, 0};
        }
    };
};

// ggml Q4_1, Q5_1: the range [min, max] of the group on 2^b levels; code = min(2^b - 1, trunc((x - min) / d + 0.5)).
struct min_max {
    template <class L, class Weights>
    static affine_of<lane_in<Weights>> measure(Weights w) {
        auto const r = range_of(w);
        return {(r.high - r.low) / static_cast<float>(L::codes - 1), 0, r.low};
    }
    template <class L, class Affine>
    static auto encoder(Affine measured, Affine) {
        return [low = measured.offset, inverse = reciprocal_or_zero(measured.scale)](auto x) {
            using V = decltype(x);
            return smaller_of(truncated((x - low) * inverse + 0.5f), V(L::codes - 1));
        };
    }
    struct with_importance {
        template <class L, class V, std::size_t Group>
        static affine_of<V> choose(std::span<V const, Group> w, importance_lanes<V> const& importance, V* codes) {
            constexpr int n = static_cast<int>(Group);
            V             weights[Group];
            search::weigh(w.data(), importance.weights, importance.row_mean_square, n, weights);
            auto const line = search::affine_line(w.data(), weights, n, L::codes - 1, {-0.9f, 0.05f, 36}, codes);
            return {line.scale, 0, -line.min};
        }
    };
};

// AWQ pseudo_quantize_tensor: scale = max(range, 1e-5) / (2^b - 1), zero = clamp(round(-min / scale)),
// code = clamp(round(x / scale) + zero); both roundings to even, with the scale before it is stored.
struct min_max_zero_point {
    template <class L, class Weights>
    static affine_of<lane_in<Weights>> measure(Weights w) {
        using V               = lane_in<Weights>;
        constexpr float last  = static_cast<float>(L::codes - 1);
        auto const      r     = range_of(w);
        V const         scale = larger_of(r.high - r.low, V(1e-5f)) / last;
        return {scale, larger_of(V(0.0f), -round_even(r.low / scale, last)), 0};
    }
    template <class L, class Affine>
    static auto encoder(Affine measured, Affine) {
        return [scale = measured.scale, zero = measured.zero](auto x) {
            using V              = decltype(x);
            constexpr float last = static_cast<float>(L::codes - 1);
            return smaller_of(V(last), larger_of(V(0.0f), round_even(x / scale, 0x1p20f) + zero));
        };
    }
};

// OCP MX: shared exponent floor(log2 absmax) - emax of the element type; elements rounded to nearest even, saturating.
// The scale of a group with NaN or infinity is NaN.
template <class Element>
struct shared_exponent {
    template <class L, class Weights>
    static affine_of<lane_in<Weights>> measure(Weights w) {
        lane_in<Weights> zero(0.0f);
        for (auto const& x : w) zero = zero + (x - x); // NaN where one is not finite
        return {per_lane(max_abs(w) + zero,
                         [](float top) {
                             if (top != top) return top;
                             if (!(top > 0)) return 0x1p-127f;
                             bool const subnormal = top < 0x1p-126f;
                             int const  biased    = bit_cast<std::int32_t>(subnormal ? top * 0x1p24f : top) >> 23;
                             int const  e         = biased - (subnormal ? 151 : 127) - Element::emax;
                             return e < -126 ? 0x1p-127f : bit_cast<float>((e < 128 ? e + 127 : 255) << 23);
                         }),
                0, 0};
    }
    template <class L, class Affine>
    static auto encoder(Affine, Affine stored) {
        return [scale = stored.scale](auto x) { return element_codes<Element>(x / scale); };
    }
};

// Small floats under a free scale: absmax on the largest element, elements rounded to nearest even (fp8 per channel).
template <class Element>
struct absmax_element : on_largest_level {
    template <class L, class Affine>
    static auto encoder(Affine, Affine stored) {
        return [scale = stored.scale](auto x) { return element_codes<Element>(quotient_or_zero(x, scale)); };
    }
};

} // namespace fit
} // namespace qeval
