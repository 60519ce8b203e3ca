#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/model/log_softmax.hpp>

namespace {

bool close(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b)); }

} // namespace

TEST_CASE("the exponential is within 1e-11 of the library's and keeps NaN") {
    for (double y = 0; y > -708; y -= 0.0137) CHECK(std::abs(qeval::exp_nonpositive(y) / std::exp(y) - 1) < 1e-11);
    CHECK(qeval::exp_nonpositive(0) == 1);
    CHECK(std::isnan(qeval::exp_nonpositive(std::nan(""))));
    CHECK(qeval::exp_nonpositive(-std::numeric_limits<double>::infinity()) < 1e-300);
}

TEST_CASE("log-softmax takes rows of any length, huge logits and forbidden tokens") {
    for (std::size_t const n : std::vector<std::size_t>{1, 15, 16, 17, 50, 1000}) {
        std::vector<float> x;
        double             sum = 0;
        for (std::size_t i = 0; i < n; ++i) {
            x.push_back(float(std::sin(double(i))) * 3);
            sum += std::exp(double(x.back()));
        }
        CHECK(close(qeval::normalise(x).log_sum_exp, std::log(sum), 1e-11));
    }
    float const huge[] = {3e38f, -3e38f, 3e38f};
    CHECK(qeval::normalise(huge).log_sum_exp == Approx(3e38).epsilon(1e-7));
    CHECK(qeval::normalise(huge).top == 0);
    float const minus_infinity = -std::numeric_limits<float>::infinity();
    float const forbidden[]    = {1, minus_infinity, 2};
    CHECK(close(qeval::normalise(forbidden).log_sum_exp, std::log(std::exp(1.0) + std::exp(2.0)), 1e-12));
    for (std::size_t const at : std::vector<std::size_t>{0, 5, 40}) { // in the first lane, in another, and far behind
        std::vector<float> broken(50, 1.0f);
        broken[at] = std::numeric_limits<float>::quiet_NaN();
        CHECK(std::isnan(qeval::normalise(broken).log_sum_exp));
    }
}

TEST_CASE("KL divergence is 0 of a row with itself, infinite where only the second forbids, finite where both do") {
    float const        minus_infinity = -std::numeric_limits<float>::infinity();
    std::vector<float> p(50), q;
    for (std::size_t i = 0; i < 50; ++i) p[i] = float(i % 7);
    auto const kl = [](auto const& a, auto const& b) {
        return qeval::kl_divergence(a, qeval::normalise(a), b, qeval::normalise(b));
    };
    CHECK(kl(p, p) == 0);
    q    = p;
    q[4] = minus_infinity;
    CHECK(std::isinf(kl(p, q)));
    double const one_sided = kl(q, p);
    CHECK(std::isfinite(one_sided));
    CHECK(one_sided > 0);
    CHECK(kl(q, q) == 0);
}
