#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/io/tensor/double_numbers.hpp>

namespace {

// IEEE 754: the nearest number of 32 bits, of two the one whose last bit is 0.
std::vector<float> narrowed(std::vector<double> const& values) {
    qeval::tensor_view const stored{"w", "F64", {qeval::index(values.size())}, std::as_bytes(std::span(values))};
    auto const               t = qeval::without_doubles(stored);
    CHECK(t.type == "F32");
    CHECK(t.shape == stored.shape);
    REQUIRE(t.bytes.size() == values.size() * sizeof(float));
    CHECK(t.memory != nullptr);
    std::vector<float> out(values.size());
    if (!out.empty()) std::memcpy(out.data(), t.bytes.data(), t.bytes.size());
    return out;
}

} // namespace

TEST_CASE("F64 is read as the nearest F32: ties to even, small numbers and signs included") {
    double const ulp   = std::ldexp(1.0, -23);
    float const  least = std::numeric_limits<float>::denorm_min(), next = std::nextafter(1.0f, 2.0f);
    CHECK(narrowed({1 + ulp / 4, 1 + ulp * 3 / 4, 1 - ulp / 8}) == std::vector<float>{1, next, 1});
    CHECK(narrowed({1 + ulp / 2, 1 + ulp * 3 / 2}) == std::vector<float>{1, std::nextafter(next, 2.0f)});
    CHECK(narrowed({double(least) * 0.75, double(least) * 0.5, -double(least)}) ==
          std::vector<float>{least, 0, -least});
    CHECK(narrowed({0.1}) == std::vector<float>{std::bit_cast<float>(std::uint32_t{0x3dcccccd})});
    CHECK(std::signbit(narrowed({-0.0})[0]));
    CHECK(std::isinf(narrowed({1e39})[0]));
    CHECK(std::isnan(narrowed({std::numeric_limits<double>::quiet_NaN()})[0]));
    CHECK(narrowed({}).empty());
}
TEST_CASE("a tensor of another type stays where it lies") {
    std::vector<float> const values{1, 2};
    qeval::tensor_view const stored{"w", "F32", {2}, std::as_bytes(std::span(values))};
    CHECK(qeval::without_doubles(stored).bytes.data() == stored.bytes.data());
    CHECK_FALSE(qeval::has_doubles(stored));
}
