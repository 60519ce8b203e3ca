// Formats of activations: how the input of a matmul is rounded, a row (one token) at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include <qeval/core/half.hpp>
#include <qeval/core/minifloat.hpp>

namespace qeval {

// `round` is the definition: out[i] is the value that reading x[i] back gives. A kernel that computes with the codes
// themselves (the integer path) must multiply the same values.
template <class A>
concept activation_format = requires(std::span<float const> x, std::span<float> out) {
    { A::name } -> std::convertible_to<std::string_view>; // in schemes: "+a=int8:32"
    { A::bits } -> std::convertible_to<double>;           // a value, scales included where their number is known
    A::round(x, out);
};

namespace detail {

// Each Group consecutive values, 0 for the whole row, under one scale: round_one(x, largest magnitude).
template <int Group, class RoundOne>
void round_in_groups(std::span<float const> x, std::span<float> out, RoundOne round_one) {
    std::size_t const size = Group == 0 ? std::max<std::size_t>(1, x.size()) : std::size_t(Group);
    for (std::size_t g = 0; g < x.size(); g += size) {
        std::size_t const end = std::min(x.size(), g + size);
        float             top = 0;
        for (std::size_t i = g; i < end; ++i) top = std::fmax(top, std::fabs(x[i]));
        for (std::size_t i = g; i < end; ++i) out[i] = round_one(x[i], top);
    }
}

} // namespace detail

// Stored numbers.
struct f32_values {
    static constexpr std::string_view name = "f32";
    static constexpr double           bits = 32;
    static void round(std::span<float const> x, std::span<float> out) { std::copy(x.begin(), x.end(), out.begin()); }
};
struct bf16_values {
    static constexpr std::string_view name = "bf16";
    static constexpr double           bits = 16;

    static void round(std::span<float const> x, std::span<float> out) {
        for (std::size_t i = 0; i < x.size(); ++i) out[i] = bf16::from(x[i]).to_float();
    }
};

// value = q * (absmax / 127), q = round_to_even(x * (127 / absmax)); one f32 scale for a token, or for 32 or 256
// consecutive values of it.
template <int Group>
struct int8_values {
    static constexpr int    integer_group = Group; // a row: 0
    static constexpr double bits          = Group == 0 ? 8 : 8 + 32.0 / (Group == 0 ? 1 : Group);

    static void round(std::span<float const> x, std::span<float> out) {
        detail::round_in_groups<Group>(x, out, [](float v, float top) {
            return top > 0 ? std::nearbyint(v * (127.0f / top)) * (top / 127.0f) : 0.0f;
        });
    }
};
struct int8_token : int8_values<0> {
    static constexpr std::string_view name  = "int8";
    static constexpr std::string_view alias = "int8_token";
};
struct int8_groups_32 : int8_values<32> {
    static constexpr std::string_view name = "int8:32";
};
struct int8_groups_256 : int8_values<256> {
    static constexpr std::string_view name = "int8:256";
};

// value = q * s, q = round_to_even(x / s) in -128 .. 127, s = absmax / 127.5, one f32 scale a token
// (compressed-tensors' dynamic int8: 255 steps for both signs).
struct int8_token_255 {
    static constexpr std::string_view name = "int8:255";
    static constexpr double           bits = 8;

    static void round(std::span<float const> x, std::span<float> out) {
        detail::round_in_groups<0>(x, out, [](float v, float top) {
            float const scale = top / 127.5f;
            return scale > 0 ? std::clamp(std::nearbyint(v / scale), -128.0f, 127.0f) * scale : 0.0f;
        });
    }
};

// value = e4m3(x / s) * s, s = absmax / 448, one f32 scale a token (vLLM's and TensorRT-LLM's dynamic fp8), or for 128
// consecutive values of it (DeepSeek-V3).
template <int Group>
struct fp8_values {
    static constexpr double bits = Group == 0 ? 8 : 8 + 32.0 / (Group == 0 ? 1 : Group);

    static void round(std::span<float const> x, std::span<float> out) {
        detail::round_in_groups<Group>(x, out, [](float v, float top) {
            float const scale = top / e4m3::value(e4m3::max_code);
            return scale > 0 ? e4m3::from(v / scale).to_float() * scale : 0.0f;
        });
    }
};
struct fp8_token : fp8_values<0> {
    static constexpr std::string_view name = "fp8";
};
struct fp8_groups_128 : fp8_values<128> {
    static constexpr std::string_view name = "fp8:128";
};

template <activation_format... Formats>
struct activation_list {};
using activation_formats = activation_list<f32_values, bf16_values, fp8_token, fp8_groups_128, int8_token,
                                           int8_token_255, int8_groups_256, int8_groups_32>;

// Carries an activation format into a generic lambda.
template <class A>
struct activation_tag {
    using type = A;
};
template <class Visitor, class... Formats>
constexpr void for_each_activation(activation_list<Formats...>, Visitor&& visit) {
    (visit(activation_tag<Formats>{}), ...);
}

// The facts of an activation format, for those who learn at run time which one it is. There is one object for each
// format: they are compared by address.
struct any_activation {
    std::string_view name, alias; // "": no alias
    double           bits;
    std::optional<int>
        integer_group; // its codes are int8, so many under one scale (0: all of a token's); none: numbers
    void (*round)(std::span<float const> x, std::span<float> out);
};
template <activation_format A>
inline constexpr any_activation any_activation_of = [] {
    any_activation a{A::name, "", A::bits, std::nullopt, &A::round};
    if constexpr (requires { A::alias; }) a.alias = A::alias;
    if constexpr (requires { A::integer_group; }) a.integer_group = A::integer_group;
    return a;
}();

// nullptr where there is none of that name.
template <class... Formats>
[[nodiscard]] constexpr any_activation const* find_activation(activation_list<Formats...>, std::string_view name) {
    any_activation const* found = nullptr;
    ((found == nullptr &&
              (name == any_activation_of<Formats>.name || (!name.empty() && name == any_activation_of<Formats>.alias))
          ? void(found = &any_activation_of<Formats>)
          : void()),
     ...);
    return found;
}

} // namespace qeval
