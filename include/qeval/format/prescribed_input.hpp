// Roundings of inputs that a quantized checkpoint prescribes, with numbers that it stores beside a matrix. Schemes
// cannot name them: they mean nothing without the numbers.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>

#include <qeval/core/minifloat.hpp>
#include <qeval/format/activation.hpp>

namespace qeval {

struct input_numbers {
    float scale = 1, zero = 0; // `scale`: of all inputs; of scales, where these are floats of 8 bits themselves
    int   group = 0;           // values under one scale, where each group has its own
    friend constexpr bool operator==(input_numbers const&, input_numbers const&) = default;
};

// `round` is the definition, as an activation format's: out[i] is what reading x[i] back gives. Origin:
// compressed-tensors' fake_quantize, in float.
template <class A>
concept prescribed_input = requires(std::span<float const> x, std::span<float> out, input_numbers const& n) {
    { A::name } -> std::convertible_to<std::string_view>;
    A::round(x, out, n);
};

namespace detail {

// round_one(x, largest magnitude of its group)
template <class RoundOne>
void round_by_groups(std::span<float const> x, std::span<float> out, int group, RoundOne round_one) {
    auto const size = static_cast<std::size_t>(group);
    for (std::size_t g = 0; g < x.size(); g += size) {
        std::size_t const count = std::min(size, x.size() - g);
        round_in_groups<0>(x.subspan(g, count), out.subspan(g, count), round_one);
    }
}
// 2^(floor(log2 top) - emax), where a mantissa of at least 1.75 counts as the next power of two: the scale of OCP's
// formats as compressed-tensors finds it (round_to_power_2).
template <class Element>
float shared_power(float top) {
    auto const bits     = bit_cast<std::uint32_t>(top) + (1u << 21);
    int const  exponent = static_cast<int>(bits >> 23 & 255u) - Element::emax;
    return e8m0::value(static_cast<unsigned>(std::clamp(exponent, 0, 254)));
}
template <class Element>
void round_mx(std::span<float const> x, std::span<float> out) {
    round_in_groups<32>(x, out, [](float v, float top) {
        float const scale = shared_power<Element>(top);
        return Element::from(v / scale).to_float() * scale;
    });
}

} // namespace detail

// q = round_to_even(x / scale + zero) in -128 .. 127, value = (q - zero) * scale.
struct int8_stored {
    static constexpr std::string_view name = "int8:stored";

    static void round(std::span<float const> x, std::span<float> out, input_numbers const& n) {
        for (std::size_t i = 0; i < x.size(); ++i)
            out[i] = (std::nearbyint(std::clamp(x[i] / n.scale + n.zero, -128.0f, 127.0f)) - n.zero) * n.scale;
    }
};
// value = e4m3(x / scale) * scale
struct fp8_stored {
    static constexpr std::string_view name = "fp8:stored";

    static void round(std::span<float const> x, std::span<float> out, input_numbers const& n) {
        for (std::size_t i = 0; i < x.size(); ++i) out[i] = e4m3::from(x[i] / n.scale).to_float() * n.scale;
    }
};
// The same with s = absmax / 448 for each group of a token.
struct fp8_by_groups {
    static constexpr std::string_view name = "fp8:groups";

    static void round(std::span<float const> x, std::span<float> out, input_numbers const& n) {
        detail::round_by_groups(x, out, n.group, [](float v, float top) {
            float const scale = top / e4m3::value(e4m3::max_code);
            return scale > 0 ? e4m3::from(v / scale).to_float() * scale : 0.0f;
        });
    }
};
// NVFP4: s = e4m3(scale * absmax / 6) / scale for 16 values of a token, value = e2m1(x / s) * s.
struct nvfp4_stored {
    static constexpr std::string_view name = "nvfp4:stored";

    static void round(std::span<float const> x, std::span<float> out, input_numbers const& n) {
        detail::round_in_groups<16>(x, out, [&](float v, float top) {
            float const local = e4m3::from(n.scale * (top / 6.0f)).to_float();
            float const s     = (local == 0 ? 0.125f : local) / n.scale;
            return e2m1::from(v / s).to_float() * s;
        });
    }
};
// OCP's MXFP4 and MXFP8: a power of two for 32 values of a token.
struct mxfp4_inputs {
    static constexpr std::string_view name = "mxfp4";

    static void round(std::span<float const> x, std::span<float> out, input_numbers const&) {
        detail::round_mx<e2m1>(x, out);
    }
};
struct mxfp8_inputs {
    static constexpr std::string_view name = "mxfp8";

    static void round(std::span<float const> x, std::span<float> out, input_numbers const&) {
        detail::round_mx<e4m3>(x, out);
    }
};

template <prescribed_input... Inputs>
struct prescribed_input_list {};
using prescribed_inputs =
    prescribed_input_list<int8_stored, fp8_stored, fp8_by_groups, nvfp4_stored, mxfp4_inputs, mxfp8_inputs>;

struct any_prescribed_input {
    std::string_view name;
    void (*round)(std::span<float const> x, std::span<float> out, input_numbers const& n);
};
template <prescribed_input A>
inline constexpr any_prescribed_input any_prescribed_input_of{A::name, &A::round};

// nullptr where there is none of that name.
template <class... Inputs>
[[nodiscard]] constexpr any_prescribed_input const* find_prescribed_input(prescribed_input_list<Inputs...>,
                                                                          std::string_view name) {
    any_prescribed_input const* found = nullptr;
    ((name == Inputs::name ? void(found = &any_prescribed_input_of<Inputs>) : void()), ...);
    return found;
}

} // namespace qeval
