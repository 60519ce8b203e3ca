// The scale searches of ggml's encoders over lanes: every lane searches for a group of its own, operation for operation
// like the origin, because the bytes depend on the order of every addition. Origin: ggml-quants.c (make_qx_quants,
// make_q3_quants, make_qkx2_quants, make_qkx3_quants, make_qp_quants).
//   V const* x        the n weights of a group
//   V const* weights  what the squared error of each of them counts
//   V*       codes    the result, 0 .. last
// No search has a buffer of its own: n is what the format's type says, and so is the room that callers bring.
#pragma once

#include <qeval/format/lane.hpp>

namespace qeval::search {

inline constexpr float zero_below = 1e-15f; // a group with no larger magnitude is all zero

template <class V>
V sum_of_squares(V const* x, int n) {
    V sum = 0.0f;
    for (int i = 0; i < n; ++i) sum += x[i] * x[i];
    return sum;
}
// weights[i] = importance[i] * sqrt(mean_square + x[i]^2); returns their sum
template <class V>
V weigh(V const* x, V const* importance, V mean_square, int n, V* weights) {
    V sum = 0.0f;
    for (int i = 0; i < n; ++i) {
        weights[i] = importance[i] * square_root(mean_square + x[i] * x[i]);
        sum += weights[i];
    }
    return sum;
}

// The element of largest magnitude, sign included, and that magnitude; the first one where there are several.
template <class V>
struct extreme {
    V value = 0.0f, magnitude = 0.0f;
};
template <class V>
extreme<V> find_extreme(V const* x, int n) {
    extreme<V> e;
    for (int i = 0; i < n; ++i) {
        V const    size   = magnitude(x[i]);
        auto const larger = size > e.magnitude;
        e.value           = select(larger, x[i], e.value);
        e.magnitude       = select(larger, size, e.magnitude);
    }
    return e;
}

// Levels -half .. half-1, codes level + half. Tries 19 scales around -half / extreme and keeps the one that minimises
// the weighted squared error under its least-squares scale. Returns the scale.
template <class V>
V symmetric(V const* x, V const* weights, int n, int half, V* codes) {
    extreme<V> const e     = find_extreme(x, n);
    auto const       zero  = e.magnitude < zero_below;
    int const        first = -half, last = half - 1;

    V scale = 0.0f, best = 0.0f, best_inverse = 0.0f;
    for (int step = 0; step < 20; ++step) {
        if (step == 10) continue; // the middle of -9 .. 9 is the starting point
        V const inverse = V(step == 0 ? static_cast<float>(first)
                                      : -(static_cast<float>(half) + 0.1f * static_cast<float>(step - 10))) /
                          e.value;
        V xl = 0.0f, ll = 0.0f;
        for (int i = 0; i < n; ++i) {
            V const level = nearest(inverse * x[i], first, last);
            xl += weights[i] * x[i] * level;
            ll += weights[i] * level * level;
        }
        if (step == 0) {
            scale        = select(ll != 0.0f, xl / ll, V(0.0f));
            best_inverse = inverse;
            best         = scale * xl;
        } else {
            auto const better = (ll > 0.0f) & (xl * xl > best * ll);
            scale             = select(better, xl / ll, scale);
            best_inverse      = select(better, inverse, best_inverse);
            best              = select(better, scale * xl, best);
        }
    }
    for (int i = 0; i < n; ++i)
        codes[i] = select(zero, V(0.0f), nearest(best_inverse * x[i], first, last) + static_cast<float>(half));
    return select(zero, V(0.0f), scale);
}

// Moves single levels, first .. last, while that raises the correlation (weighted x * level)^2 / level^2, five sweeps
// at most. xl and ll are the two sums for the levels at the start. A lane in which nothing moved stays as it is in
// further sweeps, so lanes may wait for each other.
template <bool NeedsPositiveSquares, class V>
V move_levels(V const* x, V const* weights, int n, int first, int last, V xl, V ll, V* levels) {
    for (int sweep = 0; sweep < 5; ++sweep) {
        bool changed = false;
        for (int i = 0; i < n; ++i) {
            V const    w = weights[i], old = levels[i];
            V const    xl_without = xl - w * x[i] * old;
            V const    ll_without = ll - w * old * old;
            V const    level      = nearest(x[i] * ll_without / xl_without, first, last);
            V const    new_xl     = xl_without + w * x[i] * level;
            V const    new_ll     = ll_without + w * level * level;
            auto const better     = (xl_without > 0.0f) & ((NeedsPositiveSquares ? ll_without : new_ll) > 0.0f) &
                                (level != old) & (new_xl * new_xl * ll > xl * xl * new_ll);
            levels[i] = select(better, level, old);
            xl        = select(better, new_xl, xl);
            ll        = select(better, new_ll, ll);
            changed   = changed || any_lane(better);
        }
        if (!changed) break;
    }
    return select(ll > 0.0f, xl / ll, V(0.0f));
}

// Levels -half .. half-1, codes level + half, errors weighted by x^2: starts at -half / extreme, then moves single
// levels.
template <class V>
V coordinate(V const* x, V const* weights, int n, int half, V* codes) {
    extreme<V> const e     = find_extreme(x, n);
    auto const       zero  = e.magnitude < zero_below;
    int const        first = -half, last = half - 1;
    V const          inverse = V(static_cast<float>(first)) / e.value;
    V                xl = 0.0f, ll = 0.0f;
    for (int i = 0; i < n; ++i) {
        V const level = nearest(inverse * x[i], first, last);
        codes[i]      = level;
        xl += weights[i] * x[i] * level;
        ll += weights[i] * level * level;
    }
    V const scale = move_levels<false>(x, weights, n, first, last, xl, ll, codes);
    for (int i = 0; i < n; ++i) codes[i] = select(zero, V(0.0f), codes[i] + static_cast<float>(half));
    return select(zero, V(0.0f), scale);
}

// Codes 0 .. last for numbers >= 0: the best of nine scales around last / largest, then moves single codes.
template <class V>
V nonnegative(V const* x, V const* weights, int n, int last, V* codes) {
    float const top     = static_cast<float>(last);
    V           largest = 0.0f;
    for (int i = 0; i < n; ++i) largest = larger_of(largest, x[i]);
    auto const zero = largest < zero_below;

    V best = 0.0f, best_inverse = 0.0f;
    for (int step = -5; step <= 4; ++step) { // the first one is the starting point
        if (step == 0) continue;
        bool const start   = step == -5;
        V const    inverse = V(start ? top : 0.1f * static_cast<float>(step) + top) / largest;
        V const    scale   = V(1.0f) / inverse;
        V          error   = 0.0f;
        for (int i = 0; i < n; ++i) {
            V const nearby = nearest(inverse * x[i]);
            V const d      = x[i] - scale * (start ? nearby : smaller_of(V(top), nearby));
            error += weights[i] * d * d;
        }
        auto const better = error < best;
        best              = start ? error : select(better, error, best);
        best_inverse      = start ? inverse : select(better, inverse, best_inverse);
    }
    V xl = 0.0f, ll = 0.0f;
    for (int i = 0; i < n; ++i) {
        codes[i] = smaller_of(V(top), nearest(best_inverse * x[i]));
        xl += weights[i] * x[i] * codes[i];
        ll += weights[i] * codes[i] * codes[i];
    }
    V const scale = move_levels<true>(x, weights, n, -0x00400000, last, xl, ll, codes);
    for (int i = 0; i < n; ++i) codes[i] = select(zero, V(0.0f), codes[i]);
    return select(zero, V(0.0f), scale);
}

// The grid of inverse scales that an affine search tries: (first + k * step + last code) / range, k = 0 .. steps.
struct grid {
    float first, step;
    int   steps;
    bool  absolute = false; // minimise weighted absolute instead of squared errors
};

template <class V>
struct scale_min {
    V scale = 0.0f, min = 0.0f; // x is about scale * code - min, min >= 0
};

// Codes 0 .. last under scale and minimum: for every inverse scale of the grid, the weighted least-squares line through
// the rounded codes; the line with the smallest weighted error wins.
template <class V>
scale_min<V> affine_line(V const* x, V const* weights, int n, int last, grid const& g, V* codes) {
    float const top = static_cast<float>(last);
    V           low = x[0], high = x[0], sum_w = weights[0], sum_x = sum_w * x[0];
    for (int i = 1; i < n; ++i) {
        low  = smaller_of(x[i], low);
        high = larger_of(x[i], high);
        sum_w += weights[i];
        sum_x += weights[i] * x[i];
    }
    low             = select(low > 0.0f, V(0.0f), low);
    auto const flat = high == low;

    auto const error = [&](V const& scale, V const& min) { // of the codes on trial
        V sum = 0.0f;
        for (int i = 0; i < n; ++i) {
            V const d = scale * codes[i] + min - x[i];
            sum += weights[i] * (g.absolute ? magnitude(d) : d * d);
        }
        return sum;
    };
    V inverse = V(top) / (high - low);
    for (int i = 0; i < n; ++i) codes[i] = nearest(inverse * (x[i] - low), 0, last);
    V scale = V(1.0f) / inverse, min = low;
    V best         = error(scale, low);
    V best_inverse = inverse, best_origin = low; // from which the codes follow
    for (int k = 0; k <= g.steps; ++k) {
        // the origin's loop overwrites its minimum, so later steps span from the best one found so far
        inverse = V(g.first + g.step * static_cast<float>(k) + top) / (high - min);
        V sum_l = 0.0f, sum_ll = 0.0f, sum_xl = 0.0f;
        for (int i = 0; i < n; ++i) {
            V const l  = nearest(inverse * (x[i] - min), 0, last);
            V const wl = weights[i] * l;
            codes[i]   = l;
            sum_l += wl;
            sum_ll += wl * l;
            sum_xl += wl * x[i];
        }
        V const    det   = sum_w * sum_ll - sum_l * sum_l;
        V          slope = (sum_w * sum_xl - sum_x * sum_l) / det;
        V          start = (sum_ll * sum_x - sum_l * sum_xl) / det;
        auto const above = start > 0.0f;
        if (any_lane(above)) {
            slope = select(above, sum_xl / sum_ll, slope);
            start = select(above, V(0.0f), start);
        }
        V const    sum  = error(slope, start);
        auto const wins = (det > 0.0f) & (sum < best);
        best_inverse    = select(wins, inverse, best_inverse);
        best_origin     = select(wins, min, best_origin);
        best            = select(wins, sum, best);
        scale           = select(wins, slope, scale);
        min             = select(wins, start, min);
    }
    for (int i = 0; i < n; ++i) codes[i] = select(flat, V(0.0f), nearest(best_inverse * (x[i] - best_origin), 0, last));
    return {select(flat, V(0.0f), scale), -select(flat, low, min)};
}

} // namespace qeval::search
