// Axis "offset": what a group adds to its scaled levels.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/format/affine.hpp>
#include <qeval/format/policy/packing.hpp>
#include <qeval/format/policy/scale.hpp>

namespace qeval {

// Nothing: weight = scale * level.
struct no_offset {
    static constexpr int    plane_count = 0;
    static constexpr double bits        = 0;
    static constexpr bool   in_zero     = false;
    static constexpr affine rounded(affine a) { return {a.scale, 0, 0}; }

    struct view {
        QEVAL_HD constexpr float operator[](index) const { return -0.0f; }
    };
    static constexpr std::array<plane_shape, 0> shapes(index) { return {}; }
    static view                                 bind(std::byte const* const*) { return {}; }
    static void                                 store(std::byte* const*, std::span<float const>) {}
};

// A minimum in T: weight = scale * level + min (ggml Q4_1).
template <class T>
struct minimum {
    using stored                                 = T;
    static constexpr int             plane_count = 1;
    static constexpr double          bits        = 8.0 * sizeof(T);
    static constexpr bool            in_zero     = false;
    QEVAL_HD static constexpr affine rounded(affine a) { return {a.scale, 0, value_of(store_as<T>(a.offset))}; }

    using view = typename scale<T>::view;
    static constexpr std::array<plane_shape, 1> shapes(index groups) {
        return {plane_shape{"minimums", int(sizeof(T)), groups}};
    }
    static view bind(std::byte const* const* plane) { return scale<T>::bind(plane); }
    static void store(std::byte* const* plane, std::span<float const> minimums) { scale<T>::store(plane, minimums); }
};

// An integer zero point of Bits bits: weight = scale * (level - zero) (AWQ, GPTQ). Packed in 2, 4 or 8 bits.
template <int Bits>
struct zero_point {
    static constexpr int stored_bits             = Bits <= 2 ? 2 : Bits <= 4 ? 4 : 8;
    using field                                  = packing::planes<packing::field<stored_bits, 1>>;
    static constexpr double          bits        = stored_bits;
    static constexpr int             plane_count = 1;
    static constexpr bool            in_zero     = true;
    QEVAL_HD static constexpr affine rounded(affine a) { return {a.scale, a.zero, 0}; }

    struct view {
        std::uint8_t const*      zeros;
        QEVAL_HD constexpr float operator[](index g) const { return static_cast<float>(field::code(zeros, g, 0)); }
    };
    static constexpr std::array<plane_shape, 1> shapes(index groups) {
        return {plane_shape{"zeros", 1, field::bytes(groups)}};
    }
    static view bind(std::byte const* const* plane) { return {reinterpret_cast<std::uint8_t const*>(plane[0])}; }
    static void store(std::byte* const* plane, std::span<float const> zeros) {
        for (std::size_t g = 0; g < zeros.size(); ++g) {
            field::put(reinterpret_cast<std::uint8_t*>(plane[0]), static_cast<index>(g), 0,
                       static_cast<unsigned>(zeros[g]));
        }
    }
};

template <class O>
concept offset_policy = requires(affine a) {
    { O::in_zero } -> std::convertible_to<bool>;
    { O::rounded(a) } -> std::same_as<affine>;
};

} // namespace qeval
