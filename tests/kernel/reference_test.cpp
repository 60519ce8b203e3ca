// The scalar contract itself: its integers must be right before anything may be compared with it.
#include <cmath>
#include <cstdint>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/kernel/reference.hpp>

namespace {

using qeval::index;

// g++ 12 at -O2 for AVX-512 VNNI turns a loop over `sum += (int8_t)u8[i] * s8[i]` of fixed length into the dot product
// of unsigned bytes. The contract must not contain that pattern; this compares it with sums in double, for bytes of
// both signs.
TEST_CASE("integer dot products of signed bytes are right under every -march") {
    qeval::random_stream const draw(21);
    for (std::uint64_t trial = 0; trial < 200; ++trial) {
        std::vector<float>       x(64);
        std::vector<std::int8_t> level(64);
        for (std::size_t i = 0; i < 64; ++i) {
            x[i]     = static_cast<float>(draw.bits(trial * 128 + i) % 255) - 127.0f;
            level[i] = static_cast<std::int8_t>(static_cast<int>(draw.bits(trial * 128 + 64 + i) % 256) - 128);
        }
        x[5] = 127, x[37] = -127; // absmax 127 in both halves: q == x
        qeval::reference::int8_row const a(x, 32);
        for (std::size_t i = 0; i < 64; ++i) REQUIRE(int{a.q[i]} == static_cast<int>(x[i]));
        for (int groups : {1, 2}) {
            float const found = qeval::reference::dot_integer(
                [&](index k) { return int{level[static_cast<std::size_t>(k)]}; },
                [](index) { return qeval::affine{1.0f}; }, qeval::integer_form{groups, 0, -128, false, true}, a, 64);
            double expected = 0;
            for (std::size_t i = 0; i < 64; ++i) expected += static_cast<double>(x[i]) * level[i];
            CHECK(static_cast<double>(found) == expected); // below 2^24: exact
        }
    }
}

TEST_CASE("four chains and chunks of 512 add up to the sum") {
    qeval::random_stream const draw(22);
    for (std::size_t n : {1u, 3u, 4u, 511u, 512u, 513u, 2000u}) {
        std::vector<float> x(n), w(n);
        double             sum = 0, size = 0;
        for (std::size_t i = 0; i < n; ++i) {
            x[i] = static_cast<float>(draw.uniform(2 * i) - 0.5),
            w[i] = static_cast<float>(draw.uniform(2 * i + 1) - 0.5);
            sum += double(x[i]) * double(w[i]);
            size += std::fabs(double(x[i]) * double(w[i]));
        }
        float const found = qeval::reference::dot_exact([&](index k) { return w[static_cast<std::size_t>(k)]; }, x);
        CHECK(std::fabs(double(found) - sum) <= 1e-6 * size);
    }
}

TEST_CASE("an activation row of zeros has scale zero, not NaN") {
    qeval::reference::int8_row const a(std::vector<float>(40, 0.0f), 32);
    CHECK(a.q.size() == 64); // padded
    for (float s : a.scale) CHECK(s == 0);
}

} // namespace
