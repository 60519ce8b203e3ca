// Searches for scales: never worse than rounding under the plain scale, exact where the data lie on a grid.
#include <cmath>
#include <cstdint>
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
double weighted_error(std::vector<float> const& x, float scale, int half, std::vector<float> const& codes) {
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        double const d = double(x[i]) - double(scale) * (double(codes[i]) - half);
        sum += double(x[i]) * double(x[i]) * d * d;
    }
    return sum;
}

std::vector<float> squares(std::vector<float> x) {
    for (float& v : x) v *= v;
    return x;
}

TEST_CASE("the symmetric search is no worse than the largest magnitude on the lowest level") {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        auto const         x = gaussian(16, seed), weights = squares(x);
        std::vector<float> codes(16), plain(16);
        float const        scale  = search::symmetric(x.data(), weights.data(), 16, 32, codes.data());
        float const        simple = search::find_extreme(x.data(), 16).value / -32;
        for (std::size_t i = 0; i < 16; ++i) plain[i] = qeval::nearest(x[i] / simple, -32, 31) + 32;
        CHECK(weighted_error(x, scale, 32, codes) <= weighted_error(x, simple, 32, plain) * (1 + 1e-5));
        for (float c : codes) CHECK((c >= 0 && c < 64));
    }
}

TEST_CASE("values on a grid are found exactly") {
    std::vector<float> x(32), codes(32);
    for (std::size_t i = 0; i < 32; ++i) x[i] = 0.25f * static_cast<float>(i % 16) - 1.5f;
    std::vector<float> const ones(32, 1.0f);
    auto const line = search::affine_line(x.data(), ones.data(), 32, 15, {-1.0f, 0.1f, 20, false}, codes.data());
    CHECK(line.scale == Approx(0.25f));
    CHECK(line.min == Approx(1.5f));
    for (std::size_t i = 0; i < 32; ++i) CHECK(codes[i] == static_cast<float>(i % 16));

    std::vector<float> steps{0, 0.5f, 1, 1.5f, 7.5f};
    CHECK(search::nonnegative(steps.data(), ones.data(), 5, 15, codes.data()) == Approx(0.5f));
    CHECK((codes[0] == 0 && codes[1] == 1 && codes[2] == 2 && codes[3] == 3 && codes[4] == 15));
}

TEST_CASE("a group of zeros has scale zero and codes zero") {
    std::vector<float> const x(16, 0.0f), ones(16, 1.0f), zeros(16, 0.0f);
    std::vector<float>       codes(16, 9.0f);
    CHECK(search::symmetric(x.data(), ones.data(), 16, 4, codes.data()) == 0);
    CHECK(codes == zeros);
    codes.assign(16, 9.0f);
    CHECK(search::coordinate(x.data(), zeros.data(), 16, 4, codes.data()) == 0);
    CHECK(codes == zeros);
    codes.assign(16, 9.0f);
    CHECK(search::affine_line(x.data(), ones.data(), 16, 3, {-0.5f, 0.1f, 15, true}, codes.data()).scale == 0);
    CHECK(codes == zeros);
    codes.assign(16, 9.0f);
    CHECK(search::nonnegative(x.data(), ones.data(), 16, 15, codes.data()) == 0);
    CHECK(codes == zeros);
}

TEST_CASE("rounding by a magic number is rounding to nearest even") {
    for (int i = -3000; i <= 3000; ++i) {
        float const x = static_cast<float>(i) * 0.25f;
        CHECK(qeval::nearest(x) == std::nearbyint(x));
        CHECK(qeval::nearest(x, -5, 7) == std::fmin(7.0f, std::fmax(-5.0f, std::nearbyint(x))));
    }
}

} // namespace
