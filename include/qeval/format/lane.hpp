// What encoders compute with. A lane type V is float, or many floats side by side that never mix (pack/lanes.hpp): an
// encoder written over V is one text for both, and every lane gets the bits that float gets.
//
// Without <cmath>, which would be a third of the time that defining a format takes to compile.
#pragma once

#include <cstdint>

#include <qeval/core/bits.hpp>

namespace qeval {

template <class V>
inline constexpr int lane_count = 1;

inline float lane_of(float x, int) { return x; }
inline void  set_lane(float& x, int, float value) { x = value; }
inline float select(bool condition, float yes, float no) { return condition ? yes : no; }
inline bool  any_lane(bool condition) { return condition; }
inline bool  sign_bit(float x) { return __builtin_signbit(x) != 0; }
inline float magnitude(float x) { return __builtin_fabsf(x); }
inline float square_root(float x) { return __builtin_sqrtf(x); }
// Rounded towards zero. What no int holds, NaN included, becomes the lowest one, as x86 has it and origins that ask no
// question get it; the cast by itself would be undefined.
inline float truncated(float x) {
    return x >= -0x1p31f && x < 0x1p31f ? static_cast<float>(static_cast<int>(x)) : -0x1p31f;
}

// ggml's nearest_int() clamped to first .. last: rounds to nearest even by adding 1.5 * 2^23 and takes the low 23 bits
// as the integer, whatever the sum is. Beyond 2^22, and for infinity and NaN, that is another number, but the same one
// in every lane.
inline float nearest(float x, int first, int last) {
    int const biased = bit_cast<std::int32_t>(x + rounding_bias) & 0x007fffff, zero = 0x00400000;
    int const raised  = biased > zero + first ? biased : zero + first,
              clamped = raised < zero + last ? raised : zero + last;
    return bit_cast<float>(clamped | 0x4b000000) - rounding_bias;
}

// A code as the byte it is stored in: the low 8 bits of the integer.
inline std::uint8_t to_byte(float code) { return static_cast<std::uint8_t>(static_cast<int>(code)); }
// bytes[j] of every lane -> to[lane][j]
inline void scatter_bytes(std::uint8_t const* bytes, int count, std::uint8_t* const* to) {
    for (int j = 0; j < count; ++j) to[0][j] = bytes[j];
}

// f of every lane: for what is rare, or has no arithmetic form.
template <class V, class F>
V per_lane(V const& x, F f) {
    V to{};
    for (int k = 0; k < lane_count<V>; ++k) set_lane(to, k, f(lane_of(x, k)));
    return to;
}

// The first operand stays only where the comparison holds, as in `if (a < b) b = a`.
template <class V>
V smaller_of(V a, V b) {
    return select(a < b, a, b);
}
template <class V>
V larger_of(V a, V b) {
    return select(a > b, a, b);
}

// nearest_int() as it is.
template <class V>
V nearest(V const& x) {
    return nearest(x, -0x00400000, 0x003fffff);
}

} // namespace qeval
