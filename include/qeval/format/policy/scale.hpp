// Axis "scale": how the factor of a group is stored.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/minifloat.hpp>
#include <qeval/core/view.hpp>

namespace qeval {

// One array of a tensor that is stored in planes.
struct plane_shape {
    std::string_view name; // suffix in files: "scales", "absmax"
    int              element_bytes = 1;
    index            count         = 0;
};

// A scale policy stores one factor per group, in the block (`stored`) or in planes of their own.
template <class S>
concept scale_policy = requires(float x) {
    typename S::stored;
    { S::rounded(x) } -> std::same_as<float>; // the factor that reading back will give, as far as one group decides it
};
template <class S>
concept plane_scale_policy = scale_policy<S> && requires(index n) {
    S::shapes(n);
};

// One T: f32, f16, bf16, e8m0, e4m3.
template <class T>
struct scale {
    using stored                                = T;
    static constexpr int            plane_count = 1;
    static constexpr double         bits        = 8.0 * sizeof(T); // per group
    QEVAL_HD static constexpr float rounded(float x) { return value_of(store_as<T>(x)); }

    struct view {
        T const*                 scales;
        QEVAL_HD constexpr float operator[](index g) const { return value_of(scales[g]); }
    };
    static constexpr std::array<plane_shape, 1> shapes(index groups) {
        return {plane_shape{"scales", int(sizeof(T)), groups}};
    }
    static view bind(std::byte const* const* plane) { return {reinterpret_cast<T const*>(plane[0])}; }
    static void store(std::byte* const* plane, std::span<float const> scales) {
        auto* out = reinterpret_cast<T*>(plane[0]);
        for (std::size_t g = 0; g < scales.size(); ++g) out[g] = store_as<T>(scales[g]);
    }
};

} // namespace qeval
