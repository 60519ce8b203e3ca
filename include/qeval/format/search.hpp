// The scale searches of ggml's super-block encoders, operation for operation: the bytes depend on the order of every
// addition. Origin: ggml-quants.c, make_qx_quants, make_q3_quants, make_qkx2_quants.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include <qeval/core/bits.hpp>
#include <qeval/core/half.hpp>
#include <qeval/format/affine.hpp>
#include <qeval/format/policy/levels.hpp>

namespace qeval::search {

// Round to nearest even by adding 1.5 * 2^23; valid for |x| < 2^22.
inline int nearest_int(float x) {
    return static_cast<int>(bit_cast<std::uint32_t>(x + 12582912.0f) & 0x007fffffu) - 0x00400000;
}

inline constexpr float zero_below = 1e-15f; // a group with no larger magnitude is all zero

// The element of largest magnitude, sign included, and that magnitude.
struct extreme {
    float value = 0, magnitude = 0;
};
inline extreme find_extreme(std::span<float const> x) {
    extreme e;
    for (float v : x) {
        if (std::fabs(v) > e.magnitude) e = {v, std::fabs(v)};
    }
    return e;
}

// Levels -half .. half-1, codes level + half. Tries 19 scales around -half / extreme and keeps the one that minimises the
// x^2-weighted squared error under its least-squares scale. Returns the scale.
inline float symmetric(std::span<float const> x, int half, std::uint8_t* codes) {
    extreme const e = find_extreme(x);
    if (e.magnitude < zero_below) {
        std::fill_n(codes, x.size(), std::uint8_t{0});
        return 0;
    }
    float scale = 0, best = 0;
    for (int step = 0; step < 20; ++step) {
        if (step == 10) continue; // the middle of -9 .. 9 is the starting point
        float const inverse = step == 0 ? static_cast<float>(-half) / e.value
                                        : -(static_cast<float>(half) + 0.1f * static_cast<float>(step - 10)) / e.value;
        auto const level = [&](float v) { return std::max(-half, std::min(half - 1, nearest_int(inverse * v))); };
        float      xl = 0, ll = 0;
        for (float v : x) {
            auto const  l = static_cast<float>(level(v));
            float const w = v * v;
            xl += w * v * l;
            ll += w * l * l;
        }
        if (step != 0 && !(ll > 0 && xl * xl > best * ll)) continue;
        for (std::size_t i = 0; i < x.size(); ++i) codes[i] = static_cast<std::uint8_t>(level(x[i]) + half);
        scale = ll != 0 ? xl / ll : 0.0f;
        best  = scale * xl;
    }
    return scale;
}

// Levels -half .. half-1, codes level + half. Starts at -half / extreme, then moves single codes while that raises the
// x^2-weighted correlation, five sweeps at most. Returns the scale.
inline float coordinate(std::span<float const> x, int half, std::uint8_t* codes) {
    extreme const e = find_extreme(x);
    if (e.magnitude < zero_below) {
        std::fill_n(codes, x.size(), std::uint8_t{0});
        return 0;
    }
    float const inverse = static_cast<float>(-half) / e.value;
    float       xl = 0, ll = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        int const   l = std::max(-half, std::min(half - 1, nearest_int(inverse * x[i])));
        float const w = x[i] * x[i];
        codes[i]      = static_cast<std::uint8_t>(l + half);
        xl += w * x[i] * static_cast<float>(l);
        ll += w * static_cast<float>(l) * static_cast<float>(l);
    }
    for (int sweep = 0; sweep < 5; ++sweep) {
        bool changed = false;
        for (std::size_t i = 0; i < x.size(); ++i) {
            float const w   = x[i] * x[i];
            auto const  old = static_cast<float>(int{codes[i]} - half);
            float       sxl = xl - w * x[i] * old;
            if (!(sxl > 0)) continue;
            float     sll = ll - w * old * old;
            int const l   = std::max(-half, std::min(half - 1, nearest_int(x[i] * sll / sxl)));
            if (l == int{codes[i]} - half) continue;
            sxl += w * x[i] * static_cast<float>(l);
            sll += w * static_cast<float>(l) * static_cast<float>(l);
            if (sll > 0 && sxl * sxl * ll > xl * xl * sll) {
                codes[i] = static_cast<std::uint8_t>(l + half);
                xl = sxl, ll = sll;
                changed = true;
            }
        }
        if (!changed) break;
    }
    return ll > 0.0f ? xl / ll : 0.0f;
}

// The grid of inverse scales that an affine search tries: (first + k * step + last code) / range, k = 0 .. steps.
struct grid {
    float first, step;
    int   steps;
    bool  absolute; // minimise weighted absolute instead of squared errors
};

struct scale_min {
    float scale = 0, min = 0; // x is about scale * code - min, min >= 0
};

// Codes 0 .. last under scale and minimum: for every inverse scale of the grid, the weighted least-squares line through the
// rounded codes; the line with the smallest weighted error wins.
inline scale_min affine_line(std::span<float const> x, std::span<float const> weights, int last, grid const& g, std::uint8_t* codes) {
    float low = x[0], high = x[0], sum_w = weights[0], sum_x = sum_w * x[0];
    for (std::size_t i = 1; i < x.size(); ++i) {
        low  = std::min(low, x[i]);
        high = std::max(high, x[i]);
        sum_w += weights[i];
        sum_x += weights[i] * x[i];
    }
    if (low > 0) low = 0;
    if (high == low) {
        std::fill_n(codes, x.size(), std::uint8_t{0});
        return {0, -low};
    }
    std::uint8_t trial[64];
    float        inverse = static_cast<float>(last) / (high - low);
    auto const   round   = [&](float v, float origin) { return std::max(0, std::min(last, nearest_int(inverse * (v - origin)))); };
    auto const   error   = [&](float scale, float min, std::uint8_t const* c) {
        float sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            float const d = scale * static_cast<float>(c[i]) + min - x[i];
            sum += weights[i] * (g.absolute ? std::fabs(d) : d * d);
        }
        return sum;
    };
    float scale = 1 / inverse;
    for (std::size_t i = 0; i < x.size(); ++i) codes[i] = static_cast<std::uint8_t>(round(x[i], low));
    float best = error(scale, low, codes);
    float min  = low;
    for (int k = 0; k <= g.steps; ++k) {
        // the origin's loop overwrites its minimum, so later steps span from the best one found so far
        inverse = (g.first + g.step * static_cast<float>(k) + static_cast<float>(last)) / (high - min);
        float sum_l = 0, sum_ll = 0, sum_xl = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            int const l = round(x[i], min);
            trial[i]    = static_cast<std::uint8_t>(l);
            float const w = weights[i], f = static_cast<float>(l);
            sum_l += w * f;
            sum_ll += w * f * f;
            sum_xl += w * f * x[i];
        }
        float const det = sum_w * sum_ll - sum_l * sum_l;
        if (!(det > 0)) continue;
        float this_scale = (sum_w * sum_xl - sum_x * sum_l) / det;
        float this_min   = (sum_ll * sum_x - sum_l * sum_xl) / det;
        if (this_min > 0) {
            this_min   = 0;
            this_scale = sum_xl / sum_ll;
        }
        float const this_error = error(this_scale, this_min, trial);
        if (this_error < best) {
            std::copy_n(trial, x.size(), codes);
            best = this_error, scale = this_scale, min = this_min;
        }
    }
    return {scale, -min};
}

// After scales and minimums have been rounded: every code anew under group(b, g) as it will be read back. A group whose
// scale rounded to zero keeps the codes of its search.
template <class F>
void recode(std::span<float const> x, typename F::block_type const& b, std::uint8_t* codes) {
    constexpr auto& levels = facts_of<typename F::levels_type>;
    for (int g = 0; g < F::groups; ++g) {
        affine const a = F::group(b, g);
        if (a.scale == 0) continue;
        for (int i = g * F::group_size; i < (g + 1) * F::group_size; ++i) {
            int const l = nearest_int((x[std::size_t(i)] - a.offset) / a.scale);
            codes[i]    = static_cast<std::uint8_t>(std::max(levels.lowest, std::min(levels.highest, l)) - levels.lowest);
        }
    }
}

// Lays the codes of a whole block out as the format packs them.
template <class F>
void pack_codes(std::uint8_t const* codes, typename F::block_type& b) {
    for (int i = 0; i < F::block_size; ++i) F::packing_type::put(b.codes, i, F::block_size, codes[i]);
}

// Q4_K, Q5_K: errors weighted by |x| + rms(x), inverse scales (First + 0.1 k + Last) / range, k = 0 .. Steps.
template <int Last, int FirstTenths, int Steps>
scale_min around_rms(std::span<float const> x, std::uint8_t* codes) {
    float squares = 0, weights[64];
    for (float v : x) squares += v * v;
    float const rms = std::sqrt(squares / static_cast<float>(x.size()));
    for (std::size_t i = 0; i < x.size(); ++i) weights[i] = rms + std::fabs(x[i]);
    return affine_line(x, {weights, x.size()}, Last, {static_cast<float>(FirstTenths) / 10, 0.1f, Steps, false}, codes);
}

// A super-block of scales and minimums: every group is fitted for itself, then scales and minimums become integers
// 0 .. Top under d and dmin, then the codes are chosen anew.
template <class F, int Top, class Fit, class Put>
void two_level(std::span<float const> x, typename F::block_type& b, Fit fit, Put put) {
    std::uint8_t codes[F::block_size];
    scale_min    fits[F::groups];
    scale_min    top{0, 0};
    for (int g = 0; g < F::groups; ++g) {
        fits[g]   = fit(x.subspan(std::size_t(g * F::group_size), F::group_size), codes + g * F::group_size);
        top.scale = std::max(top.scale, fits[g].scale);
        top.min   = std::max(top.min, fits[g].min);
    }
    float const inverse_scale = top.scale > 0 ? static_cast<float>(Top) / top.scale : 0.0f;
    float const inverse_min   = top.min > 0 ? static_cast<float>(Top) / top.min : 0.0f;
    for (int g = 0; g < F::groups; ++g) {
        put(g, std::min(Top, nearest_int(inverse_scale * fits[g].scale) & 255), std::min(Top, nearest_int(inverse_min * fits[g].min) & 255));
    }
    b.d    = f16::from(top.scale / static_cast<float>(Top));
    b.dmin = f16::from(top.min / static_cast<float>(Top));
    recode<F>(x, b, codes);
    pack_codes<F>(codes, b);
}

// A super-block of signed scales -Half .. Half-1 under d: the scale of largest magnitude lands on -Half. Blocks whose
// largest scale is below `negligible` are stored as zeros.
template <class F, int Half, class Fit, class Put>
void signed_scales(std::span<float const> x, typename F::block_type& b, float negligible, Fit fit, Put put) {
    std::uint8_t codes[F::block_size];
    float        scales[F::groups];
    for (int g = 0; g < F::groups; ++g) {
        scales[g] = fit(x.subspan(std::size_t(g * F::group_size), F::group_size), codes + g * F::group_size);
    }
    extreme const top = find_extreme(scales);
    if (top.magnitude == 0 || top.magnitude < negligible) return; // all bytes stay zero
    float const inverse = static_cast<float>(-Half) / top.value;
    b.d                 = f16::from(1 / inverse);
    for (int g = 0; g < F::groups; ++g) put(g, std::max(-Half, std::min(Half - 1, nearest_int(inverse * scales[g]))));
    recode<F>(x, b, codes);
    pack_codes<F>(codes, b);
}

} // namespace qeval::search
