// Searches for scales: never worse than rounding under the plain scale, exact where the data lie on a grid.
#include <cmath>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/format/search.hpp>

namespace {

namespace search = qeval::search;

std::vector<float> gaussian(std::size_t n, std::uint64_t seed) {
    qeval::random_stream const draw(seed);
    std::vector<float>         x(n);
    for (std::size_t i = 0; i < n; ++i) {
        float sum = 0;
        for (std::uint64_t k = 0; k < 12; ++k) sum += static_cast<float>(draw.bits(12 * i + k) >> 40) * 0x1p-24f;
        x[i] = sum - 6;
    }
    return x;
}
// sum of x^2 (x - scale * level)^2: what the symmetric search minimises
double weighted_error(std::vector<float> const& x, float scale, int half, std::vector<std::uint8_t> const& codes) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        double const d = double(x[i]) - double(scale) * (int{codes[i]} - half);
        sum += double(x[i]) * double(x[i]) * d * d;
    }
    return sum;
}

TEST_CASE("the symmetric search is no worse than the largest magnitude on the lowest level") {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        auto const                x = gaussian(16, seed);
        std::vector<std::uint8_t> codes(16), plain(16);
        float const               scale  = search::symmetric(x, 32, codes.data());
        float const               simple = search::find_extreme(x).value / -32;
        for (std::size_t i = 0; i < 16; ++i)
            plain[i] = static_cast<std::uint8_t>(std::min(31, std::max(-32, search::nearest_int(x[i] / simple))) + 32);
        CHECK(weighted_error(x, scale, 32, codes) <= weighted_error(x, simple, 32, plain) * (1 + 1e-5));
        for (auto c : codes) CHECK(c < 64);
    }
}

TEST_CASE("values on a grid are found exactly") {
    std::vector<float>        x(32);
    std::vector<std::uint8_t> codes(32);
    for (std::size_t i = 0; i < 32; ++i) x[i] = 0.25f * static_cast<float>(i % 16) - 1.5f;
    std::vector<float> const ones(32, 1.0f);
    auto const               line = search::affine_line(x, ones, 15, {-1.0f, 0.1f, 20, false}, codes.data());
    CHECK(line.scale == Approx(0.25f));
    CHECK(line.min == Approx(1.5f));
    for (std::size_t i = 0; i < 32; ++i) CHECK(codes[i] == i % 16);
}

TEST_CASE("a group of zeros has scale zero and codes zero") {
    std::vector<float> const  x(16, 0.0f), ones(16, 1.0f);
    std::vector<std::uint8_t> codes(16, 9);
    CHECK(search::symmetric(x, 4, codes.data()) == 0);
    CHECK(codes == std::vector<std::uint8_t>(16, 0));
    codes.assign(16, 9);
    CHECK(search::coordinate(x, 4, codes.data()) == 0);
    CHECK(codes == std::vector<std::uint8_t>(16, 0));
    codes.assign(16, 9);
    CHECK(search::affine_line(x, ones, 3, {-0.5f, 0.1f, 15, true}, codes.data()).scale == 0);
    CHECK(codes == std::vector<std::uint8_t>(16, 0));
}

TEST_CASE("rounding by a magic number is rounding to nearest even") {
    for (int i = -3000; i <= 3000; ++i) {
        float const x = static_cast<float>(i) * 0.25f;
        CHECK(search::nearest_int(x) == static_cast<int>(std::nearbyint(x)));
    }
}

} // namespace
