// The searches of ggml's encoders for grid code books with signs, operation for operation.
// Origin: ggml-quants.c, quantize_row_iq2_xxs_impl, _iq2_xs_, _iq2_s_, _iq3_xxs_, _iq3_s_impl, make_qp_quants.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <qeval/core/half.hpp>
#include <qeval/format/grid_neighbours.hpp>
#include <qeval/format/super_block.hpp>

namespace qeval::search {

// Which points are rounded anew under the scale that won.
enum class reround { beside_grid, all_if_any_beside, all };

// How an encoder searches; the levels of a grid are 1, 3, 5, .. here.
struct grid_trials {
    int     steps; // inverse scales (top + step * k) / maximum, k = -steps .. steps, for the largest level `top`
    float   step;
    float   zero_below; // groups with no larger magnitude are left out
    bool    even_signs; // the number of minus signs of eight weights is even: the least important one may turn
    reround again;
    float   sigmas;                   // importance counts with sqrt(sigmas * mean square + x^2)
    float   floor;                    // without importance, an error counts x^2 + floor * mean square
    float   stretch;                  // of the block's scale
    bool    searched_maximum = false; // `maximum` above is what a search for a scale takes the largest weight to be
};

// What encoders that ask for importance take where there is none: all weights count alike.
template <int Weights>
inline constexpr std::array<float, std::size_t(Weights)> equal_importance = [] {
    std::array<float, std::size_t(Weights)> ones{};
    ones.fill(1);
    return ones;
}();

// A group: scale * level, point by point, and the signs.
template <class Grid, int Size>
struct grid_group {
    std::array<int, std::size_t(Size / Grid::dimensions)> points{};
    std::array<std::uint8_t, std::size_t(Size / 8)>       signs{};
    float                                                 scale = 0;
};

// Codes 0 .. last for x >= 0 (a few turned signs aside): nine inverse scales around last / maximum, then codes are
// moved one by one while that raises the weighted correlation. Returns the scale.
template <std::size_t Size>
float nonnegative_line(std::span<float const, Size> x, int last, float const* weights) {
    float const top = std::max(0.0f, *std::max_element(x.begin(), x.end()));
    if (top < zero_below) return 0;
    int        codes[Size];
    auto const n       = x.size();
    float      inverse = static_cast<float>(last) / top, scale = 1 / inverse, least = 0;
    for (std::size_t i = 0; i < n; ++i) {
        int const   code = nearest_int(inverse * x[i]) & 255; // the origin's codes pass through a byte
        float const d    = x[i] - scale * static_cast<float>(code);
        least += weights[i] * d * d;
    }
    for (int k = -4; k <= 4; ++k) {
        if (k == 0) continue;
        float const trial = (0.1f * static_cast<float>(k) + static_cast<float>(last)) / top;
        float       error = 0;
        scale             = 1 / trial;
        for (std::size_t i = 0; i < n; ++i) {
            float const d = x[i] - scale * static_cast<float>(std::min(last, nearest_int(trial * x[i])));
            error += weights[i] * d * d;
        }
        if (error < least) least = error, inverse = trial;
    }
    float xl = 0, ll = 0;
    for (std::size_t i = 0; i < n; ++i) {
        auto const l = static_cast<float>(std::min(last, nearest_int(inverse * x[i])));
        codes[i]     = static_cast<int>(l) & 255;
        xl += weights[i] * x[i] * l;
        ll += weights[i] * l * l;
    }
    for (int sweep = 0; sweep < 5; ++sweep) {
        bool changed = false;
        for (std::size_t i = 0; i < n; ++i) {
            float const w   = weights[i];
            auto const  l   = static_cast<float>(codes[i]);
            float       sxl = xl - w * x[i] * l, sll = ll - w * l * l;
            if (!(sxl > 0 && sll > 0)) continue;
            int const moved = std::min(last, nearest_int(x[i] * sll / sxl));
            if (moved == codes[i]) continue;
            sxl += w * x[i] * static_cast<float>(moved);
            sll += w * static_cast<float>(moved) * static_cast<float>(moved);
            if (sxl * sxl * ll > xl * xl * sll) {
                codes[i] = moved & 255, xl = sxl, ll = sll;
                changed = true;
            }
        }
        if (!changed) break;
    }
    return ll > 0 ? xl / ll : 0.0f;
}

template <class Grid, int Shells, int Size>
class grid_fit {
public:
    using group = grid_group<Grid, Size>;

    grid_fit(float const* x, float const* weights, grid_trials const& t) : weights_(weights), trials_(t) {
        for (int i = 0; i < Size; ++i) roots_[i] = std::sqrt(weights[i]);
        for (int k = 0; k < Size / 8; ++k) fold_signs(x, k);
    }
    // False where the group is left out.
    bool operator()(group& out) {
        float maximum = *std::max_element(values_, values_ + Size);
        if (maximum < trials_.zero_below) return false;
        float scale = maximum / top, best = 0;
        if (trials_.searched_maximum) {
            scale   = nonnegative_line(std::span<float const, std::size_t(Size)>(values_), Grid::radix + 1, weights_);
            maximum = scale * static_cast<float>(Grid::radix);
            if (maximum <= 0) return false;
        }
        std::fill_n(beside_, points, trials_.again != reround::beside_grid);
        for (int step = -trials_.steps; step <= trials_.steps; ++step) {
            float const  inverse = (top + static_cast<float>(step) * trials_.step) / maximum;
            std::uint8_t trial[Size];
            bool         beside[points];
            for (int k = 0; k < points; ++k) beside[k] = round(k, inverse, 1 / inverse, trial);
            auto const [xl, ll] = sums(trial);
            if (!(ll > 0 && xl * xl > best * ll)) continue;
            scale = xl / ll;
            best  = scale * xl;
            std::copy_n(trial, Size, coordinates_);
            std::copy_n(beside, points, beside_);
        }
        bool const beside = std::find(beside_, beside_ + points, true) != beside_ + points;
        if ((beside || trials_.again == reround::all) && scale > 0) {
            float const inverse = 1 / scale;
            for (int k = 0; k < points; ++k) {
                if (trials_.again != reround::beside_grid || beside_[k]) round(k, inverse, scale, coordinates_);
            }
            auto const [xl, ll] = sums(coordinates_);
            if (ll > 0) scale = xl / ll;
        }
        if (scale < 0) { // scales are stored without a sign
            scale = -scale;
            for (auto& s : signs_) s = static_cast<std::uint8_t>(~s & (trials_.even_signs ? 127 : 255));
        }
        for (int k = 0; k < points; ++k) out.points[std::size_t(k)] = neighbours_.find(coordinates_ + k * n);
        out.signs = signs_;
        out.scale = scale;
        return true;
    }

private:
    static constexpr int   n = Grid::dimensions, points = Size / n;
    static constexpr float top = 2 * Grid::radix - 1;

    // Magnitudes and sign bits of eight weights.
    void fold_signs(float const* x, int k) {
        unsigned signs = 0, odd = 0;
        for (int i = 8 * k; i < 8 * k + 8; ++i) {
            bool const minus = !(x[i] >= 0);
            values_[i]       = minus ? -x[i] : x[i];
            signs |= unsigned(minus) << i % 8;
            odd ^= unsigned(minus);
        }
        if (trials_.even_signs && odd) {
            int   turned = 8 * k;
            float least  = weights_[turned] * x[turned] * x[turned];
            for (int i = turned + 1; i < 8 * k + 8; ++i) {
                float const loss = weights_[i] * x[i] * x[i];
                if (loss < least) least = loss, turned = i;
            }
            values_[turned] = -values_[turned];
            signs ^= 1u << turned % 8;
        }
        signs_[std::size_t(k)] = static_cast<std::uint8_t>(trials_.even_signs ? signs & 127u : signs);
    }
    // Coordinates of point k: each weight rounded for itself, then moved to the best neighbour where the grid has no
    // such point. Returns whether they had to be.
    bool round(int k, float inverse, float scale, std::uint8_t* coordinates) const {
        std::uint8_t* const at = coordinates + k * n;
        float const* const  x  = values_ + k * n;
        for (int i = 0; i < n; ++i) {
            int const l = nearest_int(0.5f * (inverse * x[i] - 1));
            at[i]       = static_cast<std::uint8_t>(std::max(0, std::min(Grid::radix - 1, l)));
        }
        if (neighbours_.find(at) >= 0) return false;
        static constexpr float levels[8] = {1, 3, 5, 7, 9, 11, 13, 15};
        int const              point     = neighbours_.nearest(at, x, roots_ + k * n, scale, levels);
        for (int i = 0; i < n; ++i) at[i] = static_cast<std::uint8_t>(neighbours_.coordinate(point, i));
        return true;
    }
    struct correlation {
        float xl, ll;
    };
    [[nodiscard]] correlation sums(std::uint8_t const* coordinates) const {
        correlation c{0, 0};
        for (int i = 0; i < Size; ++i) {
            auto const level = static_cast<float>(2 * coordinates[i] + 1);
            c.xl += weights_[i] * values_[i] * level;
            c.ll += weights_[i] * level * level;
        }
        return c;
    }

    float const*                         weights_;
    grid_trials const&                   trials_;
    grid_neighbours<Grid, Shells> const& neighbours_ = grid_neighbours<Grid, Shells>::get();
    decltype(group::signs)               signs_{};
    float                                roots_[Size], values_[Size];
    std::uint8_t                         coordinates_[Size] = {};
    bool                                 beside_[points];
};

// ggml's IQ3_S encoder does not step over groups of zeros: the bytes of later groups move up. It reads them back in the
// wrong places; kept, because its files are like that. `bytes` holds Size of them for each group of x.
template <int GroupSize, int Size, int Groups>
void close_gaps(float const* x, std::uint8_t (&bytes)[Groups * Size]) {
    int to = 0;
    for (int g = 0; g < Groups; ++g) {
        bool const zeros = std::all_of(x + g * GroupSize, x + (g + 1) * GroupSize, [](float v) { return v == 0; });
        if (!zeros) std::copy_n(bytes + g * Size, Size, bytes + Size * to++);
    }
    std::fill(bytes + to * Size, bytes + Groups * Size, std::uint8_t{0});
}

// A super-block of scales (2 s + 1) d, s = 0 .. 15; the largest one lands on s = 15. F adds put_point(b, j, number),
// put_signs(b, k, bits) and put_scale(b, g, s). `importance` may be null.
template <class F, int Shells>
void on_grid(float const* x, float const* importance, grid_trials const& trials, typename F::block_type& b) {
    using fit             = grid_fit<typename F::grid_type, Shells, F::group_size>;
    constexpr int size    = F::group_size;
    float         squares = 0, weights[size], scales[F::groups] = {}, largest = 0;
    b = {};
    for (int i = 0; i < F::block_size; ++i) squares += x[i] * x[i];
    float const mean = (importance ? trials.sigmas : 2.0f) * squares / static_cast<float>(F::block_size);
    for (int g = 0; g < F::groups; ++g) {
        float const* const part = x + g * size;
        for (int i = 0; i < size; ++i) {
            float const square = part[i] * part[i];
            weights[i]         = importance         ? importance[g * size + i] * std::sqrt(mean + square)
                                 : trials.floor > 0 ? trials.floor * mean + square
                                                    : square;
        }
        typename fit::group found;
        if (!fit(part, weights, trials)(found)) continue;
        constexpr int points = size / F::grid_type::dimensions;
        for (int k = 0; k < points; ++k) F::put_point(b, points * g + k, found.points[std::size_t(k)]);
        for (int k = 0; k < size / 8; ++k) F::put_signs(b, size / 8 * g + k, found.signs[std::size_t(k)]);
        scales[g] = found.scale;
        largest   = std::max(largest, found.scale);
    }
    if (largest == 0) return;
    float const d = largest / 31, inverse = 1 / d;
    b.d = f16::from(d * trials.stretch);
    for (int g = 0; g < F::groups; ++g)
        F::put_scale(b, g, std::max(0, std::min(15, nearest_int(0.5f * (inverse * scales[g] - 1)))));
}

} // namespace qeval::search
