// The encoders of ggml's super-blocks: every group is searched for itself, the groups' scales become small integers
// under scales of the block, then every code is chosen anew. A format adds put(block, g, scale, min) or put(block, g,
// scale), which stores the integers of a group. Origin: ggml-quants.c, quantize_row_q*_K_ref and, with importance,
// _impl.
#pragma once

#include <algorithm>
#include <cstdint>

#include <qeval/core/half.hpp>
#include <qeval/format/block_lanes.hpp>
#include <qeval/format/policy/levels.hpp>
#include <qeval/format/search.hpp>

namespace qeval::search {

inline int nearest_int(float x) { return static_cast<int>(nearest(x)); }

// Every code anew under group(block, g) as it will be read back, then the bytes. A group whose scale rounded to zero
// keeps the codes of its search.
template <class F, class V>
void recode(block_lanes<typename F::block_type, V> const& b, V* codes) {
    constexpr auto& levels = facts_of<typename F::levels_type>;
    constexpr float lowest = static_cast<float>(levels.lowest);
    for (int g = 0; g < F::groups; ++g) {
        auto const a     = groups_of<F, V>(b.out, g);
        auto const keeps = a.scale == 0.0f;
        for (int i = g * F::group_size; i < (g + 1) * F::group_size; ++i) {
            codes[i] =
                select(keeps, codes[i], nearest((b.x[i] - a.offset) / a.scale, levels.lowest, levels.highest) - lowest);
        }
    }
    put_codes<F>(codes, b.out);
}

// What weighs an error: V weigh(x, group size, weights) fills in the weights.
struct by_magnitude { // |x|
    template <class V>
    static void weigh(V const* x, int n, V* weights) {
        for (int i = 0; i < n; ++i) weights[i] = magnitude(x[i]);
    }
};
struct by_magnitude_and_rms { // |x| + rms(x)
    template <class V>
    static void weigh(V const* x, int n, V* weights) {
        V const rms = square_root(sum_of_squares(x, n) / static_cast<float>(n));
        for (int i = 0; i < n; ++i) weights[i] = rms + magnitude(x[i]);
    }
};

// Scales and minimums 0 .. Top under d and dmin: the largest ones land on Top. (Q2_K, Q4_K, Q5_K)
template <class F, int Top, class Weighing, class V>
void scales_and_minimums(block_lanes<typename F::block_type, V> const& b, grid const& g) {
    V            codes[F::block_size], weights[F::group_size];
    scale_min<V> fits[F::groups], top;
    for (int j = 0; j < F::groups; ++j) {
        int const at = j * F::group_size;
        Weighing::weigh(b.x + at, F::group_size, weights);
        fits[j]   = affine_line(b.x + at, weights, F::group_size, F::levels_type::codes - 1, g, codes + at);
        top.scale = larger_of(fits[j].scale, top.scale);
        top.min   = larger_of(fits[j].min, top.min);
    }
    constexpr float last = Top;
    for (int k = 0; k < lane_count<V>; ++k) {
        float const scale = lane_of(top.scale, k), min = lane_of(top.min, k);
        float const inverse_scale = scale > 0 ? last / scale : 0.0f, inverse_min = min > 0 ? last / min : 0.0f;
        auto&       block = *b.out[k];
        block.d           = f16::from(scale / last);
        block.dmin        = f16::from(min / last);
        for (int j = 0; j < F::groups; ++j) { // the integers pass through a byte
            F::put(block, j, std::min(Top, nearest_int(inverse_scale * lane_of(fits[j].scale, k)) & 255),
                   std::min(Top, nearest_int(inverse_min * lane_of(fits[j].min, k)) & 255));
        }
    }
    recode<F>(b, codes);
}

// With importance, scales and minimums are searched for in their turn, weighted by what their groups weigh.
template <class F, int Top, class V>
void weighted_scales_and_minimums(block_lanes<typename F::block_type, V> const& b,
                                  importance_lanes<V> const& importance, float sigmas) {
    V       codes[F::block_size], weights[F::group_size], scale[F::groups], min[F::groups], weight[F::groups];
    V const mean_square = sigmas * sum_of_squares(b.x, F::block_size) / static_cast<float>(F::block_size);
    for (int j = 0; j < F::groups; ++j) {
        int const at = j * F::group_size;
        weight[j]    = weigh(b.x + at, importance.weights + at, mean_square, F::group_size, weights);
        auto const line =
            affine_line(b.x + at, weights, F::group_size, F::levels_type::codes - 1, {-0.9f, 0.05f, 36}, codes + at);
        scale[j] = line.scale;
        min[j]   = line.min;
    }
    V       scales[F::groups], mins[F::groups];
    V const d    = nonnegative(scale, weight, F::groups, Top, scales),
            dmin = nonnegative(min, weight, F::groups, Top, mins);
    for (int k = 0; k < lane_count<V>; ++k) {
        b.out[k]->d    = f16::from(lane_of(d, k));
        b.out[k]->dmin = f16::from(lane_of(dmin, k));
        for (int j = 0; j < F::groups; ++j) F::put(*b.out[k], j, int(lane_of(scales[j], k)), int(lane_of(mins[j], k)));
    }
    recode<F>(b, codes);
}

// Signed scales -Half .. Half-1 under d: the scale of largest magnitude lands on -Half. Blocks whose largest scale is
// below `negligible` are stored as zeros. `fit` is the search for a group's scale, an error counts weights[i] or x^2.
// (Q3_K, Q6_K)
template <class F, int Half, class V>
void signed_scales(block_lanes<typename F::block_type, V> const& b, float negligible,
                   V (*fit)(V const*, V const*, int, int, V*), V const*   weights = nullptr) {
    constexpr int half = F::levels_type::codes / 2;
    V             codes[F::block_size], scales[F::groups], squares[F::group_size];
    for (int j = 0; j < F::groups; ++j) {
        int const at = j * F::group_size;
        for (int i = 0; i < F::group_size; ++i) squares[i] = b.x[at + i] * b.x[at + i];
        scales[j] = fit(b.x + at, weights ? weights + at : squares, F::group_size, half, codes + at);
    }
    extreme<V> const top    = find_extreme(scales, F::groups);
    auto const       absent = top.magnitude < negligible;
    if (any_lane(absent)) {
        for (V& c : codes) c = select(absent, V(0.0f), c);
    }
    for (int k = 0; k < lane_count<V>; ++k) {
        float const size = lane_of(top.magnitude, k);
        if (size == 0 || size < negligible) continue; // d and the integers stay zero
        float const inverse = static_cast<float>(-Half) / lane_of(top.value, k);
        b.out[k]->d         = f16::from(1 / inverse);
        for (int j = 0; j < F::groups; ++j) {
            int const s = nearest_int(inverse * lane_of(scales[j], k));
            F::put(*b.out[k], j,
                   std::max(-Half, std::min(Half - 1, Half < 128 ? int{static_cast<std::int8_t>(s)} : s)));
        }
    }
    recode<F>(b, codes);
}

// With importance, the scales are searched for in their turn.
template <class F, int Half, class V>
void weighted_signed_scales(block_lanes<typename F::block_type, V> const& b, importance_lanes<V> const& importance,
                            float sigmas) {
    constexpr int half = F::levels_type::codes / 2;
    V             codes[F::block_size], weights[F::group_size], scale[F::groups], weight[F::groups], scales[F::groups];
    V const       mean_square = sigmas * sum_of_squares(b.x, F::block_size) / static_cast<float>(F::block_size);
    for (int j = 0; j < F::groups; ++j) {
        int const at = j * F::group_size;
        weight[j]    = weigh(b.x + at, importance.weights + at, mean_square, F::group_size, weights);
        scale[j]     = symmetric(b.x + at, weights, F::group_size, half, codes + at);
    }
    V const d = symmetric(scale, weight, F::groups, Half, scales);
    for (int k = 0; k < lane_count<V>; ++k) {
        b.out[k]->d = f16::from(lane_of(d, k));
        for (int j = 0; j < F::groups; ++j) F::put(*b.out[k], j, static_cast<int>(lane_of(scales[j], k)) - Half);
    }
    recode<F>(b, codes);
}

} // namespace qeval::search
