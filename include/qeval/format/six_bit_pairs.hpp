// Eight pairs of 6-bit numbers in 12 bytes: the scales and minimums of ggml's Q4_K and Q5_K.
//   pairs 0-3:  byte g     = first | (bits 4-5 of first[g + 4]) << 6
//               byte g + 4 = second | (bits 4-5 of second[g + 4]) << 6
//   pairs 4-7:  byte g + 4 = { low nibble: bits 0-3 of first, high nibble: of second }
#pragma once

#include <cstddef>
#include <cstdint>

#include <qeval/core/macros.hpp>

namespace qeval {

struct six_bit_pairs {
    std::uint8_t bytes[12];

    // The two numbers of pair g, for pairs that begin at byte `at` of a block; b is a reader, see parameters.hpp.
    QEVAL_HD static constexpr auto first(auto const& b, std::size_t at, int g) {
        return g < 4 ? b.byte(at, g) & 63 : (b.byte(at, g + 4) & 15) | b.byte(at, g - 4) >> 6 << 4;
    }
    QEVAL_HD static constexpr auto second(auto const& b, std::size_t at, int g) {
        return g < 4 ? b.byte(at, g + 4) & 63 : b.byte(at, g + 4) >> 4 | b.byte(at, g) >> 6 << 4;
    }
    // Pairs must be put in ascending order, into zeroed bytes.
    constexpr void put(int g, int a, int b) {
        if (g < 4) {
            bytes[g]     = static_cast<std::uint8_t>(a);
            bytes[g + 4] = static_cast<std::uint8_t>(b);
        } else {
            bytes[g + 4] = static_cast<std::uint8_t>((a & 15) | (b & 15) << 4);
            bytes[g - 4] = static_cast<std::uint8_t>(bytes[g - 4] | a >> 4 << 6);
            bytes[g]     = static_cast<std::uint8_t>(bytes[g] | b >> 4 << 6);
        }
    }
};

} // namespace qeval
