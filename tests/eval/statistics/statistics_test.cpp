// Also tests bootstrap.hpp, compare.hpp, comparison.hpp, estimate.hpp, holm.hpp, intervals.hpp, mcnemar.hpp, mean.hpp,
// normal.hpp, percentile.hpp, power.hpp, sign_flip.hpp, verdict.hpp.
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <tests/golden/statistics_golden.hpp>
#include <tests/support/catch.hpp>

#include <qeval/eval/statistics/statistics.hpp>

using namespace qeval_test;
using qeval::metric_kind;

namespace {

bool close(double a, double b, double relative) { return std::abs(a - b) <= relative * std::max(std::abs(b), 1e-300); }

std::vector<double> drawn(std::uint64_t seed, std::size_t n, double scale, double shift) {
    qeval::random_stream const draws(seed);
    std::vector<double>        v;
    for (std::size_t i = 0; i < n; ++i) {
        double const u = draws.uniform(i);
        v.push_back(scale * (u * u) + shift);
    }
    return v;
}
std::vector<double> first_differences(std::size_t n) {
    auto const          x = drawn(21, n, 1, 0), y = drawn(22, n, 0.9, 0.05);
    std::vector<double> d;
    for (std::size_t i = 0; i < n; ++i) d.push_back(x[i] - y[i]);
    return d;
}
// `both` items right twice, then `worse` and `better` flips, the rest wrong twice.
struct pair_of_runs {
    std::vector<double> scheme, reference;
    pair_of_runs(int n, int both, int worse, int better) {
        for (int i = 0; i < n; ++i) {
            reference.push_back(i < both + worse ? 1 : 0);
            scheme.push_back(i < both || (i >= both + worse && i < both + worse + better) ? 1 : 0);
        }
    }
};
qeval::metric_spec const        acc{"acc", metric_kind::proportion, true};
qeval::comparison_options const options{1234, 2000, 0.05, 0.8};

} // namespace

TEST_CASE("normal quantiles equal scipy's") {
    for (auto const& c : quantile_cases) {
        INFO(c.p);
        CHECK(std::abs(qeval::normal_quantile(c.p) - c.x) < 1e-12 * std::max(1.0, std::abs(c.x)));
    }
    CHECK(std::isinf(qeval::normal_quantile(1)));
    CHECK(std::isnan(qeval::normal_quantile(-0.1)));
}

TEST_CASE("exact McNemar equals the sum in 60 decimal digits up to a million flips") {
    for (auto const& c : mcnemar_cases) {
        INFO(c.worse << " " << c.better);
        CHECK(close(qeval::mcnemar_exact(qeval::index(c.worse), qeval::index(c.better)), c.p, 1e-13));
        CHECK(qeval::mcnemar_exact(qeval::index(c.worse), qeval::index(c.better)) ==
              qeval::mcnemar_exact(qeval::index(c.better), qeval::index(c.worse)));
    }
}

TEST_CASE("exact McNemar underflows to 0, never to NaN") {
    CHECK(qeval::mcnemar_exact(0, 1000000) == 0);
    CHECK(qeval::mcnemar_exact(500000, 500000) == 1);
}

TEST_CASE("Wilson intervals equal statsmodels'") {
    for (auto const& c : wilson_cases) {
        auto const i = qeval::wilson_interval(qeval::index(c.hits), qeval::index(c.n), c.level);
        INFO(c.hits << " of " << c.n);
        CHECK(close(i.low, c.low, 1e-12));
        CHECK(close(i.high, c.high, 1e-12));
    }
    CHECK(qeval::wilson_interval(0, 10).low == 0);
    CHECK(qeval::wilson_interval(0, 10).high > 0.2);
}

TEST_CASE("needed items and detectable effects equal statsmodels' power solver") {
    double const items[] = {320, 1531, 1531, 400};
    for (std::size_t i = 0; i < std::size(power_cases); ++i) {
        auto const& c = power_cases[i];
        CHECK(close(qeval::mcnemar_items(c.discordant, c.delta, 0.05, 0.8), c.n, 1e-9));
        CHECK(close(qeval::mcnemar_detectable(c.discordant, items[i], 0.05, 0.8), c.detectable_at_n, 1e-9));
        CHECK(c.simulated_power_there > 0.7); // the exact test is a little conservative
        CHECK(c.simulated_power_there < 0.86);
    }
    CHECK(std::isnan(qeval::mcnemar_detectable(0.001, 300, 0.05, 0.8))); // even one-sided flips would not show
    CHECK(std::isinf(qeval::mcnemar_items(0.1, 0, 0.05, 0.8)));
}

TEST_CASE("the detectable mean and the items it needs are inverse to one another") {
    double const delta = qeval::mean_detectable(2.0, 320, 0.05, 0.8);
    CHECK(qeval::mean_items(2.0, delta, 0.05, 0.8) == Approx(320).epsilon(1e-12));
}

TEST_CASE("Holm's correction equals statsmodels', whatever the order, and passes NaN through") {
    auto const adjusted = qeval::holm_adjusted(holm_p);
    for (std::size_t i = 0; i < adjusted.size(); ++i) CHECK(close(adjusted[i], holm_adjusted_p[i], 1e-12));
    std::vector<double> with_nan(std::begin(holm_p), std::end(holm_p));
    with_nan.insert(with_nan.begin() + 3, not_a_number);
    auto const again = qeval::holm_adjusted(with_nan);
    CHECK(std::isnan(again[3]));
    CHECK(again[0] == adjusted[0]);
    CHECK(again.back() == adjusted.back());
}

TEST_CASE("mean, standard error and covariance equal numpy's") {
    auto const x = drawn(21, 257, 1, 0), y = drawn(22, 257, 0.9, 0.05);
    CHECK(close(qeval::mean_of(x).value, mean_facts[0], 1e-12));
    CHECK(close(qeval::mean_of(x).error, mean_facts[1], 1e-12));
    CHECK(close(qeval::covariance_of_means(x, y), mean_facts[2], 1e-9));
}

TEST_CASE("means of nothing and errors of one value are undefined") {
    CHECK(std::isnan(qeval::mean_of({}).value));
    double const one[] = {3};
    CHECK(qeval::mean_of(one).value == 3);
    CHECK(std::isnan(qeval::mean_of(one).error));
}

TEST_CASE("a sum over any number of terms visits each once") {
    for (std::size_t const n : std::vector<std::size_t>{0, 1, 63, 64, 65, 127, 128, 129, 191, 1000, 4097}) {
        std::vector<int> seen(n);
        double const     sum = qeval::tree_sum(0, n, [&](std::size_t i) { return ++seen[i], 1.0; });
        CHECK(sum == double(n));
        CHECK(std::all_of(seen.begin(), seen.end(), [](int s) { return s == 1; }));
    }
}

TEST_CASE("percentiles equal numpy's and sort NaN to the top") {
    auto const x      = drawn(21, 257, 1, 0);
    auto const sorted = qeval::ascending(std::span<double const>(x));
    for (std::size_t i = 0; i < std::size(percentiles); ++i) {
        CHECK(close(qeval::percentile(sorted, percentile_fractions[i]), percentiles[i], 1e-12));
    }
    double const odd[] = {not_a_number, 2, std::numeric_limits<double>::infinity(), 1};
    auto const   s     = qeval::ascending(std::span<double const>(odd));
    CHECK(s[0] == 1);
    CHECK(std::isnan(s[3]));
    CHECK(std::isnan(qeval::percentile(std::vector<double>{}, 0.5)));
}

TEST_CASE("the bootstrap interval is that of its named random streams, and near scipy's") {
    auto const d = first_differences(100);
    auto const i = qeval::bootstrap_interval(d, 1000, 1234);
    CHECK(std::abs(i.low - bootstrap_facts[0]) < 1e-12);
    CHECK(std::abs(i.high - bootstrap_facts[1]) < 1e-12);
    double const width = bootstrap_facts[3] - bootstrap_facts[2];
    CHECK(std::abs(i.low - bootstrap_facts[2]) < 0.1 * width);
    CHECK(std::abs(i.high - bootstrap_facts[3]) < 0.1 * width);
    CHECK(qeval::bootstrap_interval(d, 1000, 1235).low != i.low);
}

TEST_CASE("the sign-flip test is exact for few items and near the t test for many") {
    auto const d = first_differences(100);
    CHECK(close(qeval::sign_flip_test(std::span(d).first(10), 10000, 1), sign_flip_facts[0], 1e-12));
    CHECK(close(qeval::sign_flip_test(d, 1000, 1234), sign_flip_facts[1], 1e-12));
    CHECK(std::abs(qeval::sign_flip_test(d, 10000, 1234) - sign_flip_facts[2]) < 0.03);
}

TEST_CASE("a comparison of proportions counts flips both ways") {
    pair_of_runs const runs(320, 100, 20, 12);
    auto const         c = qeval::compare(runs.scheme, runs.reference, acc, options);
    CHECK(c.n == 320);
    CHECK(c.worse == 20);
    CHECK(c.better == 12);
    CHECK(c.difference.value == Approx(-8.0 / 320));
    CHECK(c.p == qeval::mcnemar_exact(20, 12));
    CHECK(c.bootstrap.low < c.difference.value);
    CHECK(c.bootstrap.high > c.difference.value);
    CHECK(c.needed == Approx(qeval::mcnemar_items(0.1, 0.025, 0.05, 0.8)));
    CHECK(qeval::verdict(c, acc, "bf16", options) ==
          "not distinguishable from bf16 at n=320; would need about 1,300 items");
}

TEST_CASE("verdicts name direction, size and p-value, or why there is none") {
    auto const say = [](pair_of_runs const& runs, qeval::metric_spec const& m) {
        return qeval::verdict(qeval::compare(runs.scheme, runs.reference, m, options), m, "bf16", options);
    };
    qeval::metric_spec const error_rate{"error", metric_kind::proportion, false};
    CHECK(say({200, 100, 30, 5}, acc) == "worse than bf16: -12.5 points at n=200 (p < 0.0001)");
    CHECK(say({200, 100, 5, 30}, acc) == "better than bf16: +12.5 points at n=200 (p < 0.0001)");
    CHECK(say({200, 100, 30, 5}, error_rate) == "better than bf16: -12.5 points at n=200 (p < 0.0001)");
    CHECK(say({2000, 1000, 0, 0}, acc) == "equal to bf16 on all 2,000 items");
    CHECK(say({200, 100, 7, 7}, acc) == "not distinguishable from bf16 at n=200; no net difference (7 flips each way)");
    CHECK(say({0, 0, 0, 0}, acc) == "not compared with bf16: no items");
}

TEST_CASE("a difference that stands alone but not among many comparisons is said to be that") {
    pair_of_runs const runs(200, 100, 20, 6);
    auto               c = qeval::compare(runs.scheme, runs.reference, acc, options);
    REQUIRE(c.p < 0.05);
    c.p_holm = 0.2;
    CHECK(qeval::verdict(c, acc, "bf16", options) ==
          "not distinguishable from bf16 at n=200; p = 0.0094 alone, p = 0.2 among all comparisons of the table");
}

TEST_CASE("a comparison of perplexities is on the exponentials, its test on the mean losses") {
    qeval::metric_spec const ppl{"perplexity", metric_kind::exp_of_mean, false};
    auto const               reference = drawn(21, 60, 1, 2);
    auto                     scheme    = reference;
    for (std::size_t i = 0; i < scheme.size(); ++i) scheme[i] += i % 3 == 0 ? 0.02 : 0.05;
    auto const   c = qeval::compare(scheme, reference, ppl, options);
    double const m = qeval::mean_of(reference).value;
    CHECK(c.difference.value == Approx(std::exp(m + 0.04) - std::exp(m)));
    CHECK(c.worse == 60);
    CHECK(c.better == 0);
    CHECK(c.bootstrap.low > 0);
    CHECK(c.bootstrap.low < c.difference.value);
    CHECK(c.p == Approx(1.0 / 2001));
    CHECK(qeval::verdict(c, ppl, "bf16", options, "windows").find("worse than bf16: +") == 0);
}

TEST_CASE("a NaN among the values makes the comparison say so") {
    pair_of_runs runs(20, 10, 2, 1);
    runs.scheme[3] = not_a_number;
    qeval::metric_spec const loss{"loss", metric_kind::mean, false};
    auto const               c = qeval::compare(runs.scheme, runs.reference, loss, options);
    CHECK(std::isnan(c.p));
    CHECK(qeval::verdict(c, loss, "bf16", options) == "not comparable with bf16: a value is not a number");
}

TEST_CASE("predicted numbers of items claim two digits") {
    CHECK(qeval::rounded_up(4078) == 4100);
    CHECK(qeval::rounded_up(99.5) == 100);
    CHECK(qeval::rounded_up(12) == 12);
    CHECK(qeval::rounded_up(123456) == 130000);
    CHECK(qeval::with_commas(1234567) == "1,234,567");
    CHECK(qeval::with_commas(-123) == "-123");
}
