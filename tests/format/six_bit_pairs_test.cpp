// Eight pairs of 6-bit numbers in 12 bytes.
// Also tests parameters.hpp.
#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/format/parameters.hpp>
#include <qeval/format/six_bit_pairs.hpp>

namespace {

TEST_CASE("pairs of six-bit numbers come back as they were put") {
    qeval::random_stream const draw(1);
    for (std::uint64_t n = 0; n < 1000; ++n) {
        qeval::six_bit_pairs p{};
        auto const           number = [&](int g, int which) {
            return static_cast<int>(draw.bits(16 * n + std::uint64_t(2 * g + which)) & 63);
        };
        for (int g = 0; g < 8; ++g) p.put(g, number(g, 0), number(g, 1));
        for (int g = 0; g < 8; ++g) {
            CHECK(qeval::six_bit_pairs::first(qeval::one_block(p), 0, g) == number(g, 0));
            CHECK(qeval::six_bit_pairs::second(qeval::one_block(p), 0, g) == number(g, 1));
        }
    }
}

// get_scale_min_k4 of ggml-quants.c, written down again from its definition.
TEST_CASE("every byte pattern reads as ggml reads it") {
    qeval::random_stream const draw(2);
    for (std::uint64_t n = 0; n < 1000; ++n) {
        qeval::six_bit_pairs p{};
        for (std::uint64_t i = 0; i < 12; ++i) p.bytes[i] = static_cast<std::uint8_t>(draw.bits(12 * n + i));
        auto const* q = p.bytes;
        for (int j = 0; j < 8; ++j) {
            int const d = j < 4 ? q[j] & 63 : (q[j + 4] & 0xF) | ((q[j - 4] >> 6) << 4);
            int const m = j < 4 ? q[j + 4] & 63 : (q[j + 4] >> 4) | ((q[j] >> 6) << 4);
            CHECK(qeval::six_bit_pairs::first(qeval::one_block(p), 0, j) == d);
            CHECK(qeval::six_bit_pairs::second(qeval::one_block(p), 0, j) == m);
        }
    }
}

static_assert(sizeof(qeval::six_bit_pairs) == 12);

} // namespace
