// More fits of integer levels under free scales: what GPTQ, compressed-tensors, bitsandbytes and BitNet publish.
#pragma once

#include <cmath>
#include <span>

#include <qeval/core/half.hpp>
#include <qeval/format/affine.hpp>
#include <qeval/format/policy/fit.hpp>
#include <qeval/format/policy/levels.hpp>

namespace qeval::fit {

// Symmetric integers on all 2^b levels: d = 2 absmax / (2^b - 1), so that -absmax and absmax lie half a step inside;
// the code is x / d rounded to even, clamped (compressed-tensors; GPTQ's `sym` for groups that have a negative weight).
struct symmetric_range {
    template <class L>
    static affine measure(std::span<float const> w) {
        return {2 * max_abs(w) / static_cast<float>(L::codes - 1), 0, 0};
    }
    template <class L>
    static auto encoder(affine measured, affine) {
        return [scale = measured.scale](float x) {
            constexpr float low  = static_cast<float>(facts_of<L>.lowest),
                            high = static_cast<float>(facts_of<L>.highest);
            float const q        = scale == 0 ? 0.0f : std::nearbyint(x / scale);
            return static_cast<unsigned>(static_cast<int>(std::fmin(high, std::fmax(low, q)) - low));
        };
    }
};

// GPTQ find_params: as min_max_zero_point, with a range that contains 0; a group of zeros spans -1 .. 1.
struct zero_in_range {
    template <class L>
    static affine measure(std::span<float const> w) {
        float lo = 0, hi = 0;
        for (float x : w) lo = x < lo ? x : lo, hi = x > hi ? x : hi;
        if (lo == 0 && hi == 0) lo = -1, hi = 1;
        float const     scale = (hi - lo) / static_cast<float>(L::codes - 1);
        constexpr float last  = static_cast<float>(L::codes - 1);
        return {scale, std::fmin(last, std::fmax(0.0f, std::nearbyint(-lo / scale))), 0};
    }
    template <class L>
    static auto encoder(affine measured, affine) {
        return min_max_zero_point::encoder<L>(measured, measured);
    }
};

// bitsandbytes int8_vectorwise_quant of weights cast to f16: scale = absmax, code = round_to_even(x * (1 / absmax *
// 127)), in this order: torch divides a number by a tensor so.
struct f16_absmax_over_127 {
    template <class L>
    static affine measure(std::span<float const> w) {
        return {f16::from(max_abs(w)).to_float(), 0, 0};
    }
    template <class L>
    static auto encoder(affine measured, affine) {
        return [factor = measured.scale == 0 ? 0.0f : 1 / measured.scale * 127](float x) {
            float const q = std::nearbyint(f16::from(x).to_float() * factor);
            return static_cast<unsigned>(static_cast<int>(std::fmin(127.0f, std::fmax(-127.0f, q)))) & 255u;
        };
    }
};

// The mean magnitude as the scale of -1, 0, 1; codes are x / scale rounded to even, clamped (BitNet b1.58).
struct absmean {
    template <class L>
    static affine measure(std::span<float const> w) {
        double sum = 0;
        for (float x : w) sum += static_cast<double>(std::fabs(x));
        return {w.empty() ? 0.0f : static_cast<float>(sum / static_cast<double>(w.size())), 0, 0};
    }
    template <class L>
    static auto encoder(affine measured, affine) {
        return [inverse = 1 / std::fmax(measured.scale, 1e-5f)](float x) {
            return static_cast<unsigned>(std::fmin(1.0f, std::fmax(-1.0f, std::nearbyint(x * inverse))) + 1);
        };
    }
};

} // namespace qeval::fit
