#include <cmath>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/samples.hpp>

namespace {

double moment(std::vector<float> const& w, int power) {
    double sum = 0;
    for (float x : w) sum += std::pow(double(x), power);
    return sum / double(w.size());
}

} // namespace

// Standard errors at n = 200,000: mean 0.0022; variance 0.0032 (normal) and 0.005 (Laplace); kurtosis 0.022 and 0.25.
TEST_CASE("samples have the moments of their distributions") {
    auto const gaussian = qeval::gaussian_sample(200000), laplace = qeval::laplace_sample(200000);
    CHECK(std::fabs(moment(gaussian, 1)) < 0.01);
    CHECK(std::fabs(moment(laplace, 1)) < 0.01);
    CHECK(std::fabs(moment(gaussian, 2) - 1) < 0.015);
    CHECK(std::fabs(moment(laplace, 2) - 1) < 0.025);
    CHECK(std::fabs(moment(gaussian, 4) - 3) < 0.1);
    CHECK(std::fabs(moment(laplace, 4) - 6) < 1.0);
    for (float x : laplace) REQUIRE(std::isfinite(x));
}

TEST_CASE("a sample depends on its seed, and a longer one begins like a shorter one") {
    auto const a = qeval::gaussian_sample(100, 1), b = qeval::gaussian_sample(200, 1),
               c = qeval::gaussian_sample(100, 2);
    CHECK(std::vector<float>(b.begin(), b.begin() + 100) == a);
    CHECK(c != a);
}
