// Unsigned e4m3, as ggml reads and rounds it.
#include <cmath>

#include <tests/support/catch.hpp>

#include <qeval/core/ue4m3.hpp>

namespace {

using qeval::ue4m3;

static_assert(ue4m3::value(0) == 0 && ue4m3::value(1) == 0x1p-9f && ue4m3::value(0x38) == 1 &&
              ue4m3::value(0x7e) == 448);
static_assert(ue4m3::value(0x7f) == 0 && ue4m3::value(0xb8) == 1);
static_assert(ue4m3::from(1.0f).code == 0x38 && ue4m3::from(-1.0f).code == 0 && ue4m3::from(1e9f).code == 0x7e);

TEST_CASE("every value of an unsigned e4m3 is (8 + mantissa) * 2^(exponent - 10), below 2^-6 without the 8") {
    for (int c = 0; c < 127; ++c) {
        int const exponent = c / 8, mantissa = c % 8;
        CHECK(ue4m3::value(unsigned(c)) ==
              std::ldexp(static_cast<float>(exponent ? 8 + mantissa : mantissa), (exponent ? exponent : 1) - 10));
    }
}

TEST_CASE("values below 256 are kept, and what lies between goes to the nearer one, halves up") {
    for (unsigned c = 0; c < 0x77; ++c) {
        float const low = ue4m3::value(c), high = ue4m3::value(c + 1), middle = (low + high) / 2;
        CHECK(ue4m3::from(low).code == c);
        CHECK(ue4m3::from(low + 0.499f * (high - low)).code == c);
        CHECK(ue4m3::from(middle).code == (c == 7 ? 7 : c + 1)); // no subnormal becomes the smallest normal
    }
    CHECK(ue4m3::from(256.0f).code == 0x7e);
}

} // namespace
