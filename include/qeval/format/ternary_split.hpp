// The searches of ggml's encoders for ternary grids with shifts, operation for operation.
// Origin: ggml-quants.c, quantize_row_iq1_s_impl, quantize_row_iq1_m_impl.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <qeval/core/half.hpp>
#include <qeval/format/grid_neighbours.hpp>
#include <qeval/format/grid_search.hpp>
#include <qeval/format/super_block.hpp>

namespace qeval::search {

inline constexpr float ternary_levels[2][3] = {{-0.875f, 0.125f, 1.125f}, {-1.125f, -0.125f, 0.875f}}; // shift up, down

// Weights in ascending order are cut at `first` and `second` into those of level 0, 1 and 2. Bit k of `down` says that
// the levels of eight weights, k from the right, are shifted down.
struct ternary_split {
    int      first = -1, second = -1;
    unsigned down  = 0;
    float    scale = 0;
};

// A group of Size weights x in ascending order `order`, all levels shifted alike: every split, both shifts.
template <int Size>
ternary_split split_shifted_together(float const* x, float const* weights, int const* order) {
    float sum_x[Size + 1] = {}, sum_w[Size + 1] = {};
    for (int j = 0; j < Size; ++j) {
        int const i  = order[j];
        sum_x[j + 1] = sum_x[j] + weights[i] * x[i];
        sum_w[j + 1] = sum_w[j] + weights[i];
    }
    ternary_split s;
    float         best = -std::numeric_limits<float>::max();
    for (int first = 0; first <= Size; ++first) {
        for (int second = first; second <= Size; ++second) {
            for (unsigned down = 0; down < 2; ++down) {
                float const* const v = ternary_levels[down];
                float const        xl =
                    sum_x[first] * v[0] + (sum_x[second] - sum_x[first]) * v[1] + (sum_x[Size] - sum_x[second]) * v[2];
                float const ll = sum_w[first] * v[0] * v[0] + (sum_w[second] - sum_w[first]) * v[1] * v[1] +
                                 (sum_w[Size] - sum_w[second]) * v[2] * v[2];
                if (!(ll > 0 && xl * xl > best * ll)) continue;
                s    = {first, second, down * ((1u << Size / 8) - 1u), xl / ll};
                best = s.scale * xl;
            }
        }
    }
    return s;
}

// The same for two runs of eight with a shift each: every split, all four shifts. The sums of a run are those over its
// own weights; neighbouring levels lie 1 apart, so a sum is total * level[2] - both partial sums.
inline ternary_split split_shifted_apart(float const* x, float const* weights, int const* order) {
    constexpr int size               = 16;
    float         sum_x[2][size + 1] = {}, sum_w[2][size + 1] = {};
    for (int j = 0; j < size; ++j) {
        int const i = order[j], h = i / 8;
        sum_x[h][j + 1]     = sum_x[h][j] + weights[i] * x[i];
        sum_w[h][j + 1]     = sum_w[h][j] + weights[i];
        sum_x[1 - h][j + 1] = sum_x[1 - h][j];
        sum_w[1 - h][j + 1] = sum_w[1 - h][j];
    }
    ternary_split s;
    float         best = -std::numeric_limits<float>::max();
    for (int first = 0; first <= size; ++first) {
        for (int second = first; second <= size; ++second) {
            float xl[2][2], ll[2][2]; // [run][shift]
            for (int h = 0; h < 2; ++h) {
                float const partial = sum_x[h][first] + sum_x[h][second];
                for (int down = 0; down < 2; ++down) {
                    float const* const v = ternary_levels[down];
                    xl[h][down]          = sum_x[h][size] * v[2] - partial;
                    ll[h][down] = sum_w[h][size] * v[2] * v[2] + sum_w[h][first] * (v[0] * v[0] - v[1] * v[1]) +
                                  sum_w[h][second] * (v[1] * v[1] - v[2] * v[2]);
                }
            }
            for (unsigned down = 0; down < 4; ++down) { // bit 0: the second run
                float const x_l = xl[0][down / 2] + xl[1][down % 2], l_l = ll[0][down / 2] + ll[1][down % 2];
                if (!(l_l > 0 && x_l * x_l > best * l_l)) continue;
                s    = {first, second, down, x_l / l_l};
                best = s.scale * x_l;
            }
        }
    }
    return s;
}

// The points and shifts of a group, and its scale.
template <class Grid, int Size>
struct ternary_group {
    static constexpr int runs = Size / 8;
    int                  points[runs];
    unsigned             down  = 0;
    float                scale = 0;

    [[nodiscard]] float const* levels(int run) const { return ternary_levels[down >> (runs - 1 - run) & 1u]; }
};

// Splits the group, then moves runs whose levels are no point of the grid to the best neighbour. False where it is left
// out.
template <class Grid, int Size, class Split>
bool fit_ternary(float const* x, float const* weights, float smallest, Split split, ternary_group<Grid, Size>& out) {
    float top = 0;
    for (int i = 0; i < Size; ++i) top = std::max(top, std::fabs(x[i]));
    if (top < smallest) return false;
    int order[Size];
    for (int i = 0; i < Size; ++i) { // insertion keeps the order of equals
        int j = i;
        for (; j > 0 && x[i] < x[order[j - 1]]; --j) order[j] = order[j - 1];
        order[j] = i;
    }
    ternary_split const s = split(x, weights, order);
    if (s.first < 0) return false;
    bool const   turned = s.scale < 0;
    std::uint8_t codes[Size];
    for (int j = 0; j < Size; ++j) {
        int const code  = j < s.first ? 0 : j < s.second ? 1 : 2;
        codes[order[j]] = static_cast<std::uint8_t>(turned ? 2 - code : code);
    }
    out.scale = turned ? -s.scale : s.scale;
    out.down  = turned ? s.down ^ ((1u << out.runs) - 1u) : s.down;

    auto const& neighbours = grid_neighbours<Grid, 3>::get();
    bool        moved      = false;
    for (int k = 0; k < out.runs; ++k) {
        out.points[k] = neighbours.find(codes + 8 * k);
        if (out.points[k] >= 0) continue;
        moved         = true;
        out.points[k] = neighbours.nearest(codes + 8 * k, x + 8 * k, weights + 8 * k, out.scale, out.levels(k));
    }
    if (!moved) return true;
    float xl = 0, ll = 0;
    for (int i = 0; i < Size; ++i) {
        float const level = out.levels(i / 8)[neighbours.coordinate(out.points[i / 8], i % 8)];
        xl += weights[i] * level * x[i];
        ll += weights[i] * level * level;
    }
    if (xl > 0 && ll > 0) out.scale = xl / ll;
    return true;
}

// What an error in each weight counts: importance * sqrt(2 * mean square + x^2), or x^2 without importance.
inline void weigh_ternary(float const* x, float const* importance, int n, float* weights) {
    float squares = 0;
    for (int i = 0; i < n; ++i) squares += x[i] * x[i];
    float const mean = 2 * squares / static_cast<float>(n);
    for (int i = 0; i < n; ++i) weights[i] = importance ? importance[i] * std::sqrt(mean + x[i] * x[i]) : x[i] * x[i];
}

// Fits every group of a block and stores points, shifts and scales (2 s + 1) d, s = 0 .. 7; the largest one lands on s
// = 7. F adds put_point(b, j, number), put_shift(b, k), which turns the shift of eight weights down, and put_scale(b,
// g, s). Returns the largest scale, 15 d.
template <class F, class Split>
float fit_ternary_groups(float const* x, float const* weights, float smallest, Split split, typename F::block_type& b) {
    constexpr int size = F::group_size, runs = size / 8;
    float         scales[F::groups] = {}, largest = 0;
    bool          down[F::groups * runs] = {};
    for (int g = 0; g < F::groups; ++g) {
        ternary_group<typename F::grid_type, size> found;
        if (!fit_ternary(x + g * size, weights + g * size, smallest, split, found)) continue;
        for (int k = 0; k < runs; ++k) {
            F::put_point(b, runs * g + k, found.points[k]);
            down[runs * g + k] = found.levels(k) == ternary_levels[1];
        }
        scales[g] = found.scale;
        largest   = std::max(largest, found.scale);
    }
    if (largest == 0) return 0;
    float const inverse = 1 / (largest / 15);
    for (int g = 0; g < F::groups; ++g)
        F::put_scale(b, g, std::max(0, std::min(7, nearest_int(0.5f * (inverse * scales[g] - 1)))));
    for (int k = 0; k < F::groups * runs; ++k) {
        if (down[k]) F::put_shift(b, k);
    }
    return largest;
}

// IQ1_S: d is the largest scale's, stretched.
template <class F>
void ternary_shifted_together(float const* x, float const* importance, typename F::block_type& b) {
    float weights[F::block_size];
    b = {};
    weigh_ternary(x, importance, F::block_size, weights);
    b.d = f16::from(fit_ternary_groups<F>(x, weights, 1e-12f, split_shifted_together<F::group_size>, b) / 15 * 1.125f);
}

// IQ1_M: d is found anew for all points and scales together, then stretched.
template <class F>
void ternary_shifted_apart(float const* x, float const* importance, typename F::block_type& b) {
    static_assert(F::group_size == 16, "qeval: two runs of eight weights have a shift each");
    float weights[F::block_size], xl = 0, ll = 0;
    b = {};
    weigh_ternary(x, importance, F::block_size, weights);
    float const largest = fit_ternary_groups<F>(x, weights, 1e-7f, split_shifted_apart, b);
    if (largest == 0) return;
    for (int i = 0; i < F::block_size; ++i) {
        float const level = F::level(F::code(b, i)) * F::step(b, i / F::group_size);
        xl += weights[i] * level * x[i];
        ll += weights[i] * level * level;
    }
    F::put_d(b, f16::from((ll > 0 ? xl / ll : largest / 15) * 1.1125f));
}

} // namespace qeval::search
