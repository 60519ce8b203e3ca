// Against 1 - C(n - c, k) / C(n, k) in whole numbers.
#include <cmath>
#include <cstdint>
#include <numeric>

#include <tests/support/catch.hpp>

#include <qeval/eval/statistics/pass_at_k.hpp>

namespace {

__extension__ using wide = unsigned __int128;

// Exact while every step's product is below 2^128: n <= 100 here.
wide binomial(unsigned n, unsigned k) {
    if (k > n) return 0;
    wide b = 1;
    for (unsigned i = 1; i <= k; ++i) b = b * (n - k + i) / i;
    return b;
}
// The nearest double to a fraction of whole numbers below 2^102, to a few units of its last place.
double quotient(wide a, wide b) {
    return static_cast<double>(static_cast<long double>(a) / static_cast<long double>(b));
}

} // namespace

TEST_CASE("pass@k is one minus the share of draws without a right sample, for every n to 40, c and k") {
    for (unsigned n = 1; n <= 40; ++n) {
        for (unsigned c = 0; c <= n; ++c) {
            for (unsigned k = 1; k <= n; ++k) {
                double const wanted = quotient(binomial(n, k) - binomial(n - c, k), binomial(n, k));
                INFO("n " << n << " c " << c << " k " << k);
                CHECK(std::abs(qeval::pass_at_k(n, c, k) - wanted) <= 1e-14);
            }
        }
    }
}
TEST_CASE("pass@k at its ends, and with the 200 samples of the paper") {
    static_assert(qeval::pass_at_k(200, 0, 100) == 0);
    static_assert(qeval::pass_at_k(200, 101, 100) == 1); // fewer than k are wrong
    static_assert(qeval::pass_at_k(1, 1, 1) == 1);
    static_assert(qeval::pass_at_k(1, 0, 1) == 0);
    CHECK(qeval::pass_at_k(200, 37, 1) == Approx(37.0 / 200).epsilon(1e-14));
    CHECK(qeval::pass_at_k(200, 1, 100) == Approx(0.5).epsilon(1e-14));
    CHECK(qeval::pass_at_k(200, 2, 100) == Approx(1 - 100.0 * 99 / (200.0 * 199)).epsilon(1e-14));
    CHECK(qeval::pass_at_k(10, 3, 2) == Approx(1 - 42.0 / 90).epsilon(1e-14));
    for (int c = 0; c < 200; ++c)
        CHECK(qeval::pass_at_k(200, c, 10) < qeval::pass_at_k(200, c + 1, 10) + 1e-15); // never falls
}
