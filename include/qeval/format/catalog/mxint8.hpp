// OCP MXINT8: w = 2^(e - 127) * q / 64, q = -127 .. 127 (int8 with six bits behind the point), 32 weights a block.
//   byte  0  e (e8m0)
//   byte  1  32 x q                                   33 bytes / 32 weights = 8.25 bits
// -128 / 64 is left out, so that magnitudes are symmetric, as the specification allows. As exact as Q8_0 within a
// factor of two: its scale is a power of two.
#pragma once

#include <cmath>

#include <qeval/format/format.hpp>

namespace qeval {

// The elements as a type: the nearest multiple of 1/64, ties to even, within +-127/64.
struct int8_in_64ths {
    static constexpr int emax = 0, codes = 256;
    std::uint8_t         code;

    static int8_in_64ths from(float x) {
        return {
            static_cast<std::uint8_t>(static_cast<int>(std::fmin(127.0f, std::fmax(-127.0f, std::nearbyint(64 * x)))))};
    }
};

struct mxint8 : format<"MXINT8", block<32>, fixed_point<8, 6>, packing::bytes, scale<e8m0>, no_offset,
                       fit::shared_exponent<int8_in_64ths>> {};
static_assert(sizeof(mxint8::block_type) == 33);

} // namespace qeval
