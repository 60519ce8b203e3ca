// Bit fields of lane types. A lane type is anything with >> and &: an int holds one code, a uint32 holds four byte
// lanes (the CUDA form), a SIMD batch holds many.
#pragma once

#include <cstdint>

#include <qeval/core/macros.hpp>

namespace qeval {

// The value with the low `bits` of every byte lane set. Lane types of other libraries overload this by ADL on V*.
QEVAL_HD constexpr int           lane_mask(int bits, int const*) { return (1 << bits) - 1; }
QEVAL_HD constexpr std::uint8_t  lane_mask(int bits, std::uint8_t const*) { return std::uint8_t((1u << bits) - 1u); }
QEVAL_HD constexpr std::uint32_t lane_mask(int bits, std::uint32_t const*) { return ((1u << bits) - 1u) * 0x01010101u; }

// Bits [shift, shift + bits) of every byte lane, moved to bit 0. Bits that a wide shift drags in from the
// neighbouring byte are masked away, which is what makes one expression serve words and single bytes.
template <class V>
QEVAL_HD constexpr V extract_bits(V bytes, int shift, int bits) {
    return V((bytes >> shift) & lane_mask(bits, static_cast<V const*>(nullptr)));
}

template <class To, class From>
QEVAL_HD constexpr To bit_cast(From const& from) { // std::bit_cast is not callable from device code
    return __builtin_bit_cast(To, from);
}

// 1.5 * 2^23. Adding it rounds a float of magnitude below 2^22 to the nearest integer, ties to even, which the low bits
// of the sum then hold; and adding such an integer to its bits gives the bits of their sum.
inline constexpr float        rounding_bias      = 0x1.8p23f;
inline constexpr std::int32_t rounding_bias_bits = bit_cast<std::int32_t>(rounding_bias);

} // namespace qeval
