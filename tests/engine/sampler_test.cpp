#include <cmath>
#include <limits>

#include <qeval/engine/sampler.hpp>

#include "tests/support/catch.hpp"

namespace qeval {
namespace {

sampling at(double temperature, index top_k = 0, double top_p = 1) {
    sampling s;
    s.temperature = temperature, s.top_k = top_k, s.top_p = top_p, s.seed = 7;
    return s;
}
std::vector<double> frequencies(sampler const& s, std::vector<float> const& logits, index draws) {
    std::vector<double> f(logits.size());
    for (index n = 0; n < draws; ++n) f[std::size_t(s.pick(logits, n))] += 1.0 / double(draws);
    return f;
}

} // namespace

TEST_CASE("greedy takes the lowest index of the largest logit") {
    CHECK(greedy_token(std::vector<float>{1, 3, 3, 2}) == 1);
    CHECK(greedy_token(std::vector<float>{-5, -5}) == 0);
    CHECK(greedy_token(std::vector<float>{0.0f, -0.0f}) == 0);
    CHECK(greedy_token(std::vector<float>{}) == -1);
    CHECK(sampler(at(0)).pick(std::vector<float>{1, 3, 3, 2}, 0) == 1);
}

TEST_CASE("a logit that is not finite is never sampled around") {
    constexpr float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    for (float const bad : {nan, inf, -inf}) {
        CHECK(greedy_token(std::vector<float>{1, bad, 2}) == -1);
        CHECK(sampler(at(0)).pick(std::vector<float>{1, bad, 2}, 0) == -1);
        CHECK(sampler(at(1)).pick(std::vector<float>{1, bad, 2}, 0) == -1);
    }
}

TEST_CASE("draws follow the softmax of logits / temperature") {
    std::vector<float> const logits{0.5f, -1, 2, 0};
    for (double const temperature : {0.5, 1.0, 2.0}) {
        double total = 0;
        for (float const l : logits) total += std::exp(double(l) / temperature);
        auto const f = frequencies(sampler(at(temperature)), logits, 200000);
        for (std::size_t i = 0; i < logits.size(); ++i) {
            CHECK(std::abs(f[i] - std::exp(double(logits[i]) / temperature) / total) < 0.005); // 4.5 standard errors
        }
    }
}

TEST_CASE("top-k keeps k tokens, of equal logits the lower index") {
    std::vector<float> const logits{1, 2, 2, 2, 0};
    auto const               f = frequencies(sampler(at(1, 2)), logits, 4000);
    CHECK(f[0] == 0);
    CHECK(f[1] > 0.4);
    CHECK(f[2] > 0.4);
    CHECK(f[3] == 0);
    CHECK(f[4] == 0);
    CHECK(frequencies(sampler(at(5, 1)), logits, 100)[1] == Approx(1));
}

TEST_CASE("top-p keeps the shortest prefix of the likeliest that holds p") {
    std::vector<float> logits; // probabilities 0.5, 0.25, 0.125, 0.125
    for (double const p : {0.125, 0.5, 0.125, 0.25}) logits.push_back(float(std::log(p)));
    auto const kept = [&](double p) {
        std::vector<bool> k;
        for (double const x : frequencies(sampler(at(1, 0, p)), logits, 4000)) k.push_back(x > 0);
        return k;
    };
    CHECK(kept(0.4) == std::vector<bool>{false, true, false, false});
    CHECK(kept(0.6) == std::vector<bool>{false, true, false, true});
    CHECK(kept(0.8) == std::vector<bool>{true, true, false, true}); // of the two eighths the lower index
    CHECK(kept(0.99) == std::vector<bool>{true, true, true, true});
    CHECK(kept(1e-9) == std::vector<bool>{false, true, false, false});
}

TEST_CASE("a draw depends on seed, document, sample and place only") {
    std::vector<float> const logits(64, 0.0f);
    auto                     how = at(1);
    std::vector<token>       forward, backward(20);
    for (index n = 0; n < 20; ++n) forward.push_back(sampler(how).pick(logits, n));
    sampler const one(how);
    for (index n = 20; n-- > 0;) backward[std::size_t(n)] = one.pick(logits, n);
    CHECK(forward == backward);
    auto const differs = [&](auto change) {
        auto other = how;
        change(other);
        std::vector<token> out;
        for (index n = 0; n < 20; ++n) out.push_back(sampler(other).pick(logits, n));
        return out != forward;
    };
    CHECK(differs([](sampling& s) { s.seed = 8; }));
    CHECK(differs([](sampling& s) { s.document = 1; }));
    CHECK(differs([](sampling& s) { s.sample = 1; }));
}

TEST_CASE("sampling parameters that mean nothing are refused") {
    double const nan = std::nan("");
    CHECK_THROWS_WITH(sampler(at(-1)), Catch::Contains("error[EN02] temperature"));
    CHECK_THROWS_AS(sampler(at(nan)), usage_error);
    CHECK_THROWS_AS(sampler(at(1, -1)), usage_error);
    CHECK_THROWS_AS(sampler(at(1, 0, 0)), usage_error);
    CHECK_THROWS_AS(sampler(at(1, 0, 1.5)), usage_error);
    CHECK_THROWS_AS(sampler(at(1, 0, nan)), usage_error);
}

} // namespace qeval
