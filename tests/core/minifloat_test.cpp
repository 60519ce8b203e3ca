#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <tests/core/float_sweep.hpp>
#include <tests/core/minifloat_golden.hpp>
#include <tests/support/catch.hpp>

#include <qeval/core/half.hpp>
#include <qeval/core/minifloat.hpp>
#include <qeval/io/file/sha256.hpp>

using qeval::e2m1, qeval::e2m3, qeval::e3m2, qeval::e4m3, qeval::e5m2, qeval::e8m0;

namespace {

std::uint32_t bits_of(float x) { return qeval::bit_cast<std::uint32_t>(x); }

template <class T, std::size_t N>
void every_code_decodes_as(std::uint32_t const (&golden)[N]) {
    for (unsigned c = 0; c < N; ++c) {
        INFO("code " << c);
        CHECK(bits_of(T::value(c)) == golden[c]);
        CHECK(bits_of(T{std::uint8_t(c)}.to_float()) == golden[c]);
    }
}

template <class T>
std::string sweep_digest() {
    std::vector<std::uint8_t> codes;
    codes.reserve(48 << 16);
    qeval_test::sweep_floats([&](float x) { codes.push_back(T::from(x).code); });
    return qeval::sha256_hex(std::as_bytes(std::span(codes)));
}

// Every code that is a number comes back from its value.
template <class T>
bool codes_survive(unsigned codes) {
    for (unsigned c = 0; c < codes; ++c) {
        float const v = T::value(c);
        if (std::isfinite(v) && T::from(v).code != c) return false;
    }
    return true;
}

} // namespace

TEST_CASE("every code of every minifloat has the value ml_dtypes gives it") {
    every_code_decodes_as<e4m3>(golden::e4m3_values);
    every_code_decodes_as<e5m2>(golden::e5m2_values);
    every_code_decodes_as<e3m2>(golden::e3m2_values);
    every_code_decodes_as<e2m3>(golden::e2m3_values);
    every_code_decodes_as<e2m1>(golden::e2m1_values);
    every_code_decodes_as<e8m0>(golden::e8m0_values);
}

TEST_CASE("3.1 million floats around every rounding tie become the codes ml_dtypes gives them") {
    CHECK(sweep_digest<e4m3>() == golden::e4m3_sweep);
    CHECK(sweep_digest<e5m2>() == golden::e5m2_sweep);
    CHECK(sweep_digest<e3m2>() == golden::e3m2_sweep);
    CHECK(sweep_digest<e2m3>() == golden::e2m3_sweep);
    CHECK(sweep_digest<e2m1>() == golden::e2m1_sweep);
    CHECK(sweep_digest<e8m0>() == golden::e8m0_sweep);
}

TEST_CASE("a minifloat's own values survive decode and encode") {
    CHECK(codes_survive<e4m3>(256));
    CHECK(codes_survive<e5m2>(256));
    CHECK(codes_survive<e3m2>(64));
    CHECK(codes_survive<e2m3>(64));
    CHECK(codes_survive<e2m1>(16));
    CHECK(codes_survive<e8m0>(255));
}

TEST_CASE("what lies beyond the range saturates, infinity included") {
    float const inf = INFINITY;
    CHECK(e4m3::from(inf).to_float() == 448.0f);
    CHECK(e4m3::from(-1e9f).to_float() == -448.0f);
    CHECK(e5m2::from(inf).to_float() == 57344.0f);
    CHECK(e2m1::from(-inf).to_float() == -6.0f);
    CHECK(e8m0::from(inf).code == 254);
}

TEST_CASE("NaN stays NaN where the format has one, and is the largest value where not") {
    CHECK(std::isnan(e4m3::from(NAN).to_float()));
    CHECK(std::isnan(e5m2::from(-NAN).to_float()));
    CHECK(std::isnan(e8m0::from(NAN).to_float()));
    CHECK(e2m1::from(NAN).to_float() == 6.0f);
    CHECK(e3m2::from(NAN).to_float() == 28.0f);
}

TEST_CASE("conversions are constant expressions") {
    static_assert(e4m3::from(1.5f).to_float() == 1.5f);
    static_assert(e2m1::from(2.5f).to_float() == 2.0f, "ties go to the even code");
    static_assert(e2m1::from(3.5f).to_float() == 4.0f, "ties go to the even code");
    static_assert(e8m0::from(0.75f).to_float() == 0.5f);
    SUCCEED();
}
