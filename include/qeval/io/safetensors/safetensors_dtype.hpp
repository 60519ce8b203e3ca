// The element types of safetensors and how many bits each takes (specification of 2025, sub-byte types included).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace qeval {

struct safetensors_dtype {
    std::string_view name;
    std::uint32_t    bits;
};

inline constexpr std::array<safetensors_dtype, 22> safetensors_dtypes{{
    {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"BOOL", 8},        {"U8", 8},          {"I8", 8},
    {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"I16", 16},
    {"U16", 16},    {"F16", 16},    {"BF16", 16},   {"I32", 32},        {"U32", 32},        {"F32", 32},
    {"C64", 64},    {"F64", 64},    {"I64", 64},    {"U64", 64},
}};

// nullptr where there is none of this name.
[[nodiscard]] constexpr safetensors_dtype const* find_safetensors_dtype(std::string_view name) {
    for (auto const& d : safetensors_dtypes) {
        if (d.name == name) return &d;
    }
    return nullptr;
}

} // namespace qeval
