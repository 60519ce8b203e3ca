// Routing rules against their definitions, worked out by hand; tests/model/arch/golden_test.cpp has whole models.
#include <cmath>
#include <vector>

#include <qeval/model/routing.hpp>

#include "tests/support/catch.hpp"

namespace qeval {
namespace {

using scores = routing_rule::scores;

// The weight that the one row gives each expert; -1: it does not go there.
std::vector<double> weights_of(std::vector<float> logits, routing_rule rule, std::vector<float> const& bias = {}) {
    rule.experts      = index(logits.size());
    auto const shares = route_tokens({logits.data(), 1, rule.experts}, rule, bias);
    REQUIRE(shares.size() == logits.size());
    std::vector<double> weights;
    for (auto const& s : shares) {
        REQUIRE(s.rows.size() == s.weights.size());
        weights.push_back(s.weights.empty() ? -1 : double(s.weights[0]));
    }
    return weights;
}
double const e = std::exp(1.0);

} // namespace

TEST_CASE("the best experts get their share of a softmax over all, or of one over themselves") {
    double const all = e + 2 + e * e;
    auto const   w   = weights_of({1, 0, 2, 0}, {.used = 2});
    CHECK(w[0] == Approx(e / all));
    CHECK(w[1] == -1);
    CHECK(w[2] == Approx(e * e / all));
    auto const normalised = weights_of({1, 0, 2, 0}, {.used = 2, .normalised = true, .scale = 3});
    CHECK(normalised[0] == Approx(3 / (1 + e)));
    CHECK(normalised[2] == Approx(3 * e / (1 + e)));
    auto const chosen = weights_of({1, 0, 2, 0}, {.used = 2, .score = scores::softmax_chosen});
    CHECK(chosen[0] == Approx(1 / (1 + e)));
    CHECK(chosen[2] == Approx(e / (1 + e)));
}

TEST_CASE("of equal scores the first expert is chosen") {
    auto const w = weights_of({5, 5, 5, 5}, {.used = 2});
    CHECK(w[0] == Approx(0.25));
    CHECK(w[1] == Approx(0.25));
    CHECK(w[2] == -1);
}

TEST_CASE("a bias takes part in the choice, not in the weight") {
    auto const sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
    auto const w       = weights_of({1, 0, 2, -1}, {.used = 2, .score = scores::sigmoid}, {0, 0, -1, 0.9f});
    CHECK(w[0] == Approx(sigmoid(1)));
    CHECK(w[2] == -1);
    CHECK(w[3] == Approx(sigmoid(-1)));
}

TEST_CASE("only experts of the best groups may be chosen, by their best score or the sum of their best two") {
    std::vector<float> const logits{3, -9, 2, 2, 0, 0};
    auto const best = weights_of(logits, {.used = 2, .score = scores::sigmoid, .groups = 3, .groups_used = 1});
    CHECK(best[0] > 0);
    CHECK(best[1] > 0); // the other one of its group, though others are better
    CHECK(best[2] == -1);
    auto const two =
        weights_of(logits, {.used = 2, .score = scores::sigmoid, .groups = 3, .groups_used = 1, .best_two = true});
    CHECK(two[0] == -1);
    CHECK(two[2] > 0);
    CHECK(two[3] > 0);
}

TEST_CASE("rows of an expert are ascending, whatever else is in the batch") {
    std::vector<float> const logits{1, 0, 0, 1, 1, 0};
    auto const               s = route_tokens({logits.data(), 3, 2}, {.experts = 2, .used = 1}, {});
    CHECK(s[0].rows == std::vector<index>{0, 2});
    CHECK(s[1].rows == std::vector<index>{1});
}

} // namespace qeval
