#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include <tests/core/float_sweep.hpp>
#include <tests/core/minifloat_golden.hpp>
#include <tests/support/catch.hpp>

#include <qeval/core/half.hpp>
#include <qeval/io/file/sha256.hpp>

using qeval::bf16, qeval::f16;

namespace {

// Little-endian bit patterns of all 65536 values, NaN reduced to sign and 7fc00000, as the golden script has them.
template <class T>
std::string value_digest() {
    std::vector<std::uint32_t> all;
    for (std::uint32_t c = 0; c < 65536; ++c) {
        float const v = T{std::uint16_t(c)}.to_float();
        auto const  u = qeval::bit_cast<std::uint32_t>(v);
        all.push_back(std::isnan(v) ? (u & 0x80000000u) | 0x7fc00000u : u);
    }
    return qeval::sha256_hex(std::as_bytes(std::span(all)));
}

template <class T>
std::string sweep_digest() {
    std::vector<std::uint16_t> codes;
    codes.reserve(48 << 16);
    qeval_test::sweep_floats([&](float x) {
        if (!std::isnan(x)) codes.push_back(T::from(x).bits);
    });
    return qeval::sha256_hex(std::as_bytes(std::span(codes)));
}

template <class T>
int codes_that_change() {
    int changed = 0;
    for (std::uint32_t c = 0; c < 65536; ++c) {
        T const x{std::uint16_t(c)};
        if (!std::isnan(x.to_float()) && T::from(x.to_float()) != x) ++changed;
    }
    return changed;
}

} // namespace

TEST_CASE("all 65536 f16 and bf16 values are those of numpy and ml_dtypes") {
    CHECK(value_digest<f16>() == golden::f16_values);
    CHECK(value_digest<bf16>() == golden::bf16_values);
}

TEST_CASE("3.1 million floats around every rounding tie become the f16 and bf16 of numpy and ml_dtypes") {
    CHECK(sweep_digest<f16>() == golden::f16_sweep);
    CHECK(sweep_digest<bf16>() == golden::bf16_sweep);
}

TEST_CASE("every f16 and bf16 that is a number survives a trip through float") {
    CHECK(codes_that_change<f16>() == 0);
    CHECK(codes_that_change<bf16>() == 0);
}

TEST_CASE("the edges of f16 are where IEEE 754 puts them") {
    CHECK(f16::from(65504.0f).bits == 0x7bff);
    CHECK(f16::from(65519.996f).bits == 0x7bff); // below the tie
    CHECK(f16::from(65520.0f).bits == 0x7c00);   // the tie goes to infinity
    CHECK(f16::from(0x1p-24f).bits == 0x0001);
    CHECK(f16::from(0x1p-25f).bits == 0x0000); // a tie with zero, even
    CHECK(f16::from(-0.0f).bits == 0x8000);
    CHECK(f16::from(INFINITY).bits == 0x7c00);
}

TEST_CASE("NaN stays a quiet NaN with its sign") {
    CHECK(std::isnan(f16::from(NAN).to_float()));
    CHECK(std::isnan(bf16::from(NAN).to_float()));
    float const signalling = qeval::bit_cast<float>(0xff800001u);
    CHECK((f16::from(signalling).bits & 0xfe00) == 0xfe00);
    CHECK((bf16::from(signalling).bits & 0xffc0) == 0xffc0); // truncation alone would have made it infinity
}

TEST_CASE("16-bit conversions are constant expressions") {
    static_assert(f16::from(1.0f).bits == 0x3c00);
    static_assert(bf16::from(1.0f).to_float() == 1.0f);
    static_assert(qeval::value_of(f16::from(0.5f)) == 0.5f);
    static_assert(qeval::store_as<float>(0.1f) == 0.1f);
    static_assert(qeval::store_as<bf16>(1.5f) == bf16::from(1.5f));
    SUCCEED();
}
