// A scale policy: absmax values that are quantized themselves (bitsandbytes "double quantization").
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <qeval/core/macros.hpp>
#include <qeval/format/lane.hpp>
#include <qeval/format/policy/levels.hpp>
#include <qeval/format/policy/scale.hpp>

namespace qeval {

// The 8-bit "dynamic" code book of bitsandbytes (create_dynamic_map, 7 exponent bits): for i = 0 .. 6 the 2^i midpoints
// of a linear grid from 0.1 to 1, times 10^(i-6), with both signs; then 0 and 1; ascending, so 0 is entry 127.
inline constexpr level_table dynamic_map = [] {
    float values[256] = {};
    int   n           = 1; // each decade lies above the one before
    float power[7]    = {1e-6f, 1e-5f, 1e-4f, 1e-3f, 1e-2f, 1e-1f, 1.0f};
    for (int i = 0; i < 7; ++i) {
        int const items = 1 << i;
        for (int k = 0; k < items; ++k) {
            // torch.linspace steps up from the start in its first half and down from the end in its second, with a
            // fused multiply-add (exact in double, then rounded); builds of torch without FMA differ in the last bit of
            // 42 entries
            double const step = static_cast<double>((1.0f - 0.1f) / static_cast<float>(items));
            auto const   at   = [&](int j) {
                return static_cast<float>(j < (items + 1) / 2 ? static_cast<double>(0.1f) + step * j
                                                                  : 1.0 - step * (items - j));
            };
            float const mean = (at(k) + at(k + 1)) / 2.0f;
            values[127 + n]  = power[i] * mean;
            values[127 - n]  = -power[i] * mean;
            ++n;
        }
    }
    values[255] = 1.0f;
    return level_table(values);
}();

// scale[g] = dynamic_map[code[g]] * nested[g / Block] + offset; one code byte per group, one f32 per Block groups and
// the tensor's mean absmax as offset.
template <int Block>
struct double_quantized {
    using stored                                = std::uint8_t;
    static constexpr int            plane_count = 3;
    static constexpr double         bits        = 8 + 32.0 / Block;
    QEVAL_HD static constexpr float rounded(float x) { return x; } // codes are chosen with the exact absmax

    struct view {
        std::uint8_t const*      absmax;
        float const*             nested;
        float const*             offset;
        QEVAL_HD constexpr float operator[](index g) const {
            return levels<dynamic_map>::value(absmax[g]) * nested[g / Block] + *offset;
        }
    };
    static constexpr std::array<plane_shape, 3> shapes(index groups) {
        return {plane_shape{"absmax", 1, groups}, plane_shape{"nested_absmax", 4, (groups + Block - 1) / Block},
                plane_shape{"nested_offset", 4, 1}};
    }
    static view bind(std::byte const* const* plane) {
        return {reinterpret_cast<std::uint8_t const*>(plane[0]), reinterpret_cast<float const*>(plane[1]),
                reinterpret_cast<float const*>(plane[2])};
    }
    static void store(std::byte* const* plane, std::span<float const> scales) {
        auto* const codes  = reinterpret_cast<std::uint8_t*>(plane[0]);
        auto* const nested = reinterpret_cast<float*>(plane[1]);
        auto* const offset = reinterpret_cast<float*>(plane[2]);
        double      sum    = 0;
        for (float s : scales) sum += static_cast<double>(s);
        *offset = scales.empty() ? 0.0f : static_cast<float>(sum / static_cast<double>(scales.size()));
        std::array<float, 256> map{};
        for (unsigned c = 0; c < 256; ++c) map[c] = levels<dynamic_map>::value(c);
        for (std::size_t b = 0; b < scales.size(); b += Block) {
            auto const group = scales.subspan(b, scales.size() - b < Block ? scales.size() - b : Block);
            float      top   = 0;
            for (float s : group) top = larger_of(magnitude(s - *offset), top);
            nested[b / Block]   = top;
            float const inverse = top > 0 ? 1.0f / top : 0.0f;
            for (std::size_t g = 0; g < group.size(); ++g) codes[b + g] = nearest(map, (group[g] - *offset) * inverse);
        }
    }

private:
    // The closest entry of an ascending table; the lower one where both are equally close.
    static std::uint8_t nearest(std::array<float, 256> const& map, float x) {
        std::size_t above = 0; // entries below x
        for (std::size_t step = 128; step > 0; step /= 2) above += map[above + step - 1] < x ? step : 0;
        above += above == 255 && map[255] < x ? 1 : 0;
        if (above == 0) return 0;
        if (above == 256) return 255;
        return static_cast<std::uint8_t>(x - map[above - 1] <= map[above] - x ? above - 1 : above);
    }
};

} // namespace qeval
