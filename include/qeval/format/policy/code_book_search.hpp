// A fit policy for code books with unevenly spaced levels: the scale is searched, not taken from the absmax.
#pragma once

#include <cmath>
#include <span>

#include <qeval/format/affine.hpp>
#include <qeval/format/policy/fit.hpp>
#include <qeval/format/search.hpp>

namespace qeval::fit {

// ggml IQ4_NL (quantize_row_iq4_nl_impl): for 2 Tries + 1 inverse scales around lowest level / extreme, the x^2-weighted
// least-squares scale of the rounded levels; the one with the smallest error wins. Midpoints round to the upper level.
template <int Tries>
struct least_squares_scale {
    template <class L>
    static affine measure(std::span<float const> w) {
        search::extreme const e = search::find_extreme(w);
        if (e.magnitude < search::zero_below) return {0, 0, 0};
        float const lowest = L::value(0);
        float       scale = 0, best = 0;
        for (int t = -Tries - 1; t <= Tries; ++t) { // the first one is the starting point
            bool const  start   = t == -Tries - 1;
            float const inverse = start ? 1 / (-e.value / lowest) : (static_cast<float>(t) + lowest) / e.value;
            float       xl = 0, ll = 0;
            for (float x : w) {
                float const level = L::value(nearest_upper<L>(inverse * x)), weight = x * x;
                xl += weight * level * x;
                ll += weight * level * level;
            }
            if (!start && !(ll > 0 && xl * xl > best * ll)) continue;
            scale = ll > 0 ? xl / ll : 0.0f;
            best  = scale * xl;
        }
        return {scale, 0, 0};
    }
    template <class L>
    static auto encoder(affine measured, affine) {
        return [inverse = measured.scale == 0 ? 0.0f : 1 / measured.scale](float x) { return nearest_upper<L>(inverse * x); };
    }

private:
    // The code of the level nearest to x in an ascending table; on a midpoint the upper one.
    template <class L>
    static unsigned nearest_upper(float x) {
        if (x <= L::value(0)) return 0;
        if (x >= L::value(L::codes - 1)) return L::codes - 1;
        unsigned above = 1;
        while (x >= L::value(above)) ++above;
        return x - L::value(above - 1) < L::value(above) - x ? above - 1 : above;
    }
};

} // namespace qeval::fit

namespace qeval::search {

// ggml IQ4_XS: a super-block of signed scales -Half .. Half-1 under d, each group's scale searched with 2 Tries + 1 trials;
// the scale of largest magnitude lands on -Half. Codes are chosen under d as it was before it became an f16.
template <class F, int Tries, int Half, class Put>
void code_book_scales(std::span<float const> w, typename F::block_type& b, Put put) {
    using levels   = typename F::levels_type;
    using searched = fit::least_squares_scale<Tries>;
    b              = {};
    float scales[F::groups];
    for (int g = 0; g < F::groups; ++g) {
        scales[g] = searched::template measure<levels>(w.subspan(std::size_t(g * F::group_size), F::group_size)).scale;
    }
    float const d = -find_extreme(scales).value / static_cast<float>(Half), inverse = d != 0 ? 1 / d : 0.0f;
    b.d           = f16::from(d);
    for (int g = 0; g < F::groups; ++g) {
        int const  s    = std::max(-Half, std::min(Half - 1, nearest_int(inverse * scales[g])));
        auto const code = searched::template encoder<levels>({d * static_cast<float>(s)}, {});
        put(g, s);
        for (int i = g * F::group_size; i < (g + 1) * F::group_size; ++i) {
            F::packing_type::put(b.codes, i, F::block_size, code(w[std::size_t(i)]));
        }
    }
}

} // namespace qeval::search
