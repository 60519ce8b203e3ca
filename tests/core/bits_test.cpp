#include <cstdint>

#include <tests/support/catch.hpp>

#include <qeval/core/bits.hpp>

TEST_CASE("a field of a word is the same field of each of its bytes") {
    std::uint32_t const word = 0xa5c3f01eu;
    for (int shift = 0; shift < 8; ++shift) {
        for (int bits = 1; bits + shift <= 8; ++bits) {
            std::uint32_t const lanes = qeval::extract_bits(word, shift, bits);
            for (int lane = 0; lane < 4; ++lane) {
                int const byte     = int(word >> (8 * lane) & 255u);
                int const expected = (byte >> shift) & ((1 << bits) - 1);
                INFO("shift " << shift << ", " << bits << " bits, lane " << lane);
                CHECK(int(lanes >> (8 * lane) & 255u) == expected);
                CHECK(qeval::extract_bits(byte, shift, bits) == expected);
                CHECK(int(qeval::extract_bits(std::uint8_t(byte), shift, bits)) == expected);
            }
        }
    }
}

TEST_CASE("a bit cast keeps every bit") {
    static_assert(qeval::bit_cast<std::uint32_t>(1.0f) == 0x3f800000u);
    for (std::uint32_t u : {0u, 1u, 0x80000000u, 0x7f7fffffu, 0x7f800000u})
        CHECK(qeval::bit_cast<std::uint32_t>(qeval::bit_cast<float>(u)) == u);
}
