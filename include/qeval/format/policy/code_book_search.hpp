// A fit policy for code books with unevenly spaced levels: the scale is searched, not taken from the absmax.
#pragma once

#include <array>
#include <span>

#include <qeval/core/half.hpp>
#include <qeval/format/affine.hpp>
#include <qeval/format/block_lanes.hpp>
#include <qeval/format/policy/fit.hpp>
#include <qeval/format/search.hpp>

namespace qeval::fit {

// ggml IQ4_NL (quantize_row_iq4_nl_impl): for 2 Tries + 1 inverse scales around lowest level / extreme, the weighted
// least-squares scale of the rounded levels; the one with the smallest error wins. An error counts x^2, or with
// importance importance * sqrt(2 * mean square of the group + x^2). Levels ascend; midpoints round to the upper one.
template <int Tries>
struct least_squares_scale {
    template <class L, class Weights>
    static affine_of<lane_in<Weights>> measure(Weights w) {
        auto const* const x = w.data();
        return {scale_for<L>(
                    x, [x](int i) { return x[i] * x[i]; }, static_cast<int>(w.size())),
                0, 0};
    }
    template <class L, class Affine>
    static auto encoder(Affine measured, Affine) {
        return [inverse = reciprocal_or_zero(measured.scale)](auto x) { return upper<L>(inverse * x, table<L, true>); };
    }
    struct with_importance {
        template <class L, class V, std::size_t Group>
        static affine_of<V> choose(std::span<V const, Group> w, importance_lanes<V> const& importance, V* codes) {
            constexpr int n = static_cast<int>(Group);
            V             weights[Group];
            V const       mean_square = search::sum_of_squares(w.data(), n) * (2.0f / static_cast<float>(n));
            search::weigh(w.data(), importance.weights, mean_square, n, weights);
            affine_of<V> const found{scale_for<L>(
                                         w.data(), [&](int i) { return weights[i]; }, n),
                                     0, 0};
            auto const         code = encoder<L>(found, found);
            for (int i = 0; i < n; ++i) codes[i] = code(w.data()[i]);
            return found;
        }
    };

    // weight(i) is what the squared error of x[i] counts.
    template <class L, class V, class Weight>
    static V scale_for(V const* x, Weight weight, int n) {
        search::extreme<V> const e      = search::find_extreme(x, n);
        float const              lowest = L::value(0);
        V                        scale = 0.0f, best = 0.0f;
        for (int t = -Tries - 1; t <= Tries; ++t) { // the first one is the starting point
            bool const start   = t == -Tries - 1;
            V const    inverse = start ? V(1.0f) / (-e.value / lowest) : V(static_cast<float>(t) + lowest) / e.value;
            V          xl = 0.0f, ll = 0.0f;
            for (int i = 0; i < n; ++i) {
                V const level = upper<L>(inverse * x[i], table<L, false>), w = weight(i);
                xl += w * level * x[i];
                ll += w * level * level;
            }
            auto const better = (ll > 0.0f) & (start ? ll > 0.0f : xl * xl > best * ll);
            scale             = select(better, xl / ll, scale);
            best              = select(better, scale * xl, best);
        }
        return select(e.magnitude < search::zero_below, V(0.0f), scale);
    }

private:
    // The smallest float that is nearer to level c + 1 than to level c, as the origin compares them.
    template <class L>
    static constexpr std::array<float, std::size_t(L::codes - 1)> first_above = [] {
        std::array<float, std::size_t(L::codes - 1)> first{};
        for (unsigned c = 0; c + 1 < unsigned(L::codes); ++c) {
            float const a = L::value(c), b = L::value(c + 1);
            float       below = a, above = b;
            for (float middle = (a + b) / 2; middle != below && middle != above; middle = below + (above - below) / 2) {
                (middle - a < b - middle ? below : above) = middle;
            }
            first[c] = above;
        }
        return first;
    }();

    // values[code of the level nearest to x], as a sum of comparisons: whole numbers, added exactly.
    template <class L, class V>
    static V upper(V const& x, std::array<float, std::size_t(L::codes)> const& values) {
        V sum(values[0]);
        for (std::size_t c = 0; c + 1 < values.size(); ++c) {
            sum = select(x >= first_above<L>[c], sum + (values[c + 1] - values[c]), sum);
        }
        return sum;
    }
    template <class L, bool Codes>
    static constexpr std::array<float, std::size_t(L::codes)> table = [] {
        std::array<float, std::size_t(L::codes)> t{};
        for (unsigned c = 0; c < t.size(); ++c) t[c] = Codes ? static_cast<float>(c) : L::value(c);
        return t;
    }();
};

} // namespace qeval::fit

namespace qeval::search {

// ggml IQ4_XS: a super-block of signed scales -Half .. Half-1 under d, each group's scale searched with 2 Tries + 1
// trials; the scale of largest magnitude lands on -Half. Codes are chosen under d as it was before it became an f16. An
// error counts x^2, or with importance importance * sqrt(2 * mean square of the block + x^2).
template <class F, int Tries, int Half, class V>
void code_book_scales(block_lanes<typename F::block_type, V> const& b, V const* importance = nullptr) {
    using levels   = typename F::levels_type;
    using searched = fit::least_squares_scale<Tries>;
    V       codes[F::block_size], scales[F::groups], weights[F::group_size];
    V const mean_square = sum_of_squares(b.x, F::block_size) * (2.0f / static_cast<float>(F::block_size));
    for (int g = 0; g < F::groups; ++g) {
        V const* const x = b.x + g * F::group_size;
        if (importance != nullptr) {
            weigh(x, importance + g * F::group_size, mean_square, F::group_size, weights);
        } else {
            for (int i = 0; i < F::group_size; ++i) weights[i] = x[i] * x[i];
        }
        scales[g] = searched::template scale_for<levels>(
            x, [&](int i) { return weights[i]; }, F::group_size);
    }
    V const d = -find_extreme<V>(scales, F::groups).value / static_cast<float>(Half), inverse = reciprocal_or_zero(d);
    for (int g = 0; g < F::groups; ++g) {
        V const            s = nearest(inverse * scales[g], -Half, Half - 1);
        affine_of<V> const a{d * s, 0, 0};
        auto const         code = searched::template encoder<levels>(a, a);
        for (int i = g * F::group_size; i < (g + 1) * F::group_size; ++i) codes[i] = code(b.x[i]);
        for (int k = 0; k < lane_count<V>; ++k) F::put(*b.out[k], g, static_cast<int>(lane_of(s, k)));
    }
    for (int k = 0; k < lane_count<V>; ++k) b.out[k]->d = f16::from(lane_of(d, k));
    put_codes<F>(codes, b.out);
}

} // namespace qeval::search
