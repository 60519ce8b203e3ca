// Also tests functions.hpp.
#include <cmath>
#include <limits>
#include <vector>

#include <qeval/core/random.hpp>
#include <qeval/model/cpu/math.hpp>

#include "tests/support/catch.hpp"

namespace qeval {
namespace {

// One value at a time, out of any loop that a compiler could vectorise.
[[gnu::noinline]] float exp_alone(float x) { return cpu::exp_value(x); }
[[gnu::noinline]] float silu_alone(float x) { return cpu::silu_value(x); }
[[gnu::noinline]] float gelu_alone(float x) { return cpu::gelu_tanh_value(x); }

double ulp_of(double y) {
    float const f = std::abs(float(y));
    return double(std::nextafter(f, std::numeric_limits<float>::infinity())) - double(f);
}
std::vector<float> spread(std::size_t n, double low, double high) {
    random_stream const r(1);
    std::vector<float>  x(n);
    for (std::size_t i = 0; i < n; ++i) x[i] = float(low + (high - low) * r.uniform(i));
    return x;
}
bool same_bits(float a, float b) { return bit_cast<std::uint32_t>(a) == bit_cast<std::uint32_t>(b); }

} // namespace

TEST_CASE("exp is within 2 ulp of the exact value, subnormal results included") {
    double worst = 0;
    for (std::uint64_t u = 0; u < (std::uint64_t(1) << 32); u += 4099) { // every sign and exponent
        float const x = bit_cast<float>(std::uint32_t(u));
        if (!(x > -103.97f && x < 88.72f)) continue;
        double const exact = std::exp(double(x));
        worst              = std::max(worst, std::abs(double(exp_alone(x)) - exact) / ulp_of(exact));
    }
    CHECK(worst < 2);
    CHECK(worst > 0.4); // the loop saw something
    constexpr float inf = std::numeric_limits<float>::infinity();
    CHECK(exp_alone(-inf) == 0);
    CHECK(exp_alone(-200) == 0);
    CHECK(exp_alone(inf) == inf);
    CHECK(exp_alone(89) == inf);
    CHECK(exp_alone(0) == 1);
    CHECK(exp_alone(-0.0f) == 1);
    CHECK(std::isnan(exp_alone(std::nanf(""))));
}

TEST_CASE("erf is within 2 ulp, tanh within 6, and GELU and the sigmoid are made of them") {
    double erf = 0, tanh = 0, gelu = 0, sigmoid = 0;
    for (float const x : spread(400000, -10, 10)) {
        double const d = double(x), e = std::erf(d), t = std::tanh(d), s = 1 / (1 + std::exp(-d));
        erf     = std::max(erf, std::abs(double(cpu::erf_value(x)) - e) / ulp_of(e));
        tanh    = std::max(tanh, std::abs(double(cpu::tanh_value(x)) - t) / ulp_of(t));
        gelu    = std::max(gelu, std::abs(double(cpu::gelu_value(x)) - d / 2 * (1 + std::erf(d / std::sqrt(2.0)))));
        sigmoid = std::max(sigmoid, std::abs(double(cpu::sigmoid_value(x)) - s) / ulp_of(s));
    }
    CHECK(erf < 2);
    CHECK(tanh < 6);
    CHECK(gelu < 1e-6);
    CHECK(sigmoid < 4);
    for (float const x : spread(100000, -0.4f, 0.4f)) { // small values keep their relative accuracy
        CHECK(std::abs(double(cpu::tanh_value(x)) - std::tanh(double(x))) <= 6 * ulp_of(std::tanh(double(x))));
    }
    CHECK(cpu::erf_value(-0.0f) == 0);
    CHECK(cpu::tanh_value(-100.0f) == -1);
    CHECK(cpu::tanh_value(1e30f) == 1);
    CHECK(std::isnan(cpu::tanh_value(std::nanf(""))));
    CHECK(std::isnan(cpu::erf_value(std::nanf(""))));
}

TEST_CASE("SiLU is x / (1 + e^-x) to a few ulp and goes to 0 and x at the ends") {
    double worst = 0;
    for (float const x : spread(200000, -80, 80)) {
        double const exact = double(x) / (1 + std::exp(-double(x)));
        worst              = std::max(worst, std::abs(double(silu_alone(x)) - exact) / ulp_of(exact));
    }
    CHECK(worst < 4);
    CHECK(silu_alone(-200) == 0);
    CHECK(silu_alone(200) == 200);
    CHECK(std::isnan(silu_alone(std::nanf(""))));
}

TEST_CASE("GELU is x/2 (1 + tanh u) to a few ulp, and to the rounding of u where it is next to nothing") {
    double worst = 0;
    for (float const x : spread(200000, -12, 80)) {
        double const v = double(x), u = std::sqrt(2 / std::acos(-1.0)) * (v + 0.044715 * v * v * v);
        double const exact = v / (1 + std::exp(-2 * u)); // the same as x/2 (1 + tanh u), without its cancellation
        double const room  = 1 + std::max(0.0, -2 * u);
        if (std::abs(exact) < 1e-35) continue;
        worst = std::max(worst, std::abs(double(gelu_alone(x)) - exact) / (ulp_of(exact) * room));
    }
    CHECK(worst < 4);
    CHECK(worst > 0.4);
    CHECK(gelu_alone(0) == 0);
    CHECK(gelu_alone(-200) == 0);
    CHECK(gelu_alone(200) == 200);
    CHECK(std::abs(gelu_alone(1) - 0.841192f) < 1e-6f); // torch.nn.functional.gelu(1, approximate="tanh")
    CHECK(std::isnan(gelu_alone(std::nanf(""))));
}

TEST_CASE("a value is the same, bit for bit, in a vector body, in a tail and alone") {
    auto const x = spread(1000, -110, 95);
    for (index n = 1; n <= 70; ++n) {
        std::vector<float> out(x.size());
        cpu::map_values(
            out.data(), n, [](cpu::f32x16 const& v) { return cpu::silu_value(v); }, x.data());
        for (index i = 0; i < n; ++i) REQUIRE(same_bits(out[std::size_t(i)], silu_alone(x[std::size_t(i)])));
        CHECK(out[std::size_t(n)] == 0); // not a value too many
        cpu::map_values(
            out.data(), n, [](cpu::f32x16 const& v) { return cpu::exp_value(v); }, x.data() + 1);
        for (index i = 0; i < n; ++i) REQUIRE(same_bits(out[std::size_t(i)], exp_alone(x[std::size_t(i + 1)])));
    }
    constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    std::vector<float> const odd{nan, inf, -inf, 0.0f, -0.0f, 89.5f, -120.0f, -nan};
    std::vector<float>       out(odd.size());
    cpu::map_values(
        out.data(), index(out.size()), [](cpu::f32x16 const& v) { return cpu::exp_value(v); }, odd.data());
    for (std::size_t i = 0; i < odd.size(); ++i) CHECK(same_bits(out[i], exp_alone(odd[i])));
    CHECK(std::isnan(out[0]));
    std::vector<float> weights(x.begin(), x.begin() + 992);
    (void)cpu::exp_and_sum(weights.data(), 992, 3.25f);
    for (std::size_t i = 0; i < 992; ++i)
        REQUIRE(same_bits(weights[i], x[i] - 3.25f < -69 ? 0.0f : exp_alone(x[i] - 3.25f)));
}

TEST_CASE("sums have sixteen partial sums by index and one tree") {
    auto const x = spread(100, -3, 3);
    for (std::size_t n = 0; n <= 100; ++n) {
        float p[16] = {};
        for (std::size_t i = 0; i < n; ++i) p[i % 16] = cpu::multiply_add(x[i], x[i], p[i % 16]);
        for (std::size_t w = 8; w > 0; w /= 2) {
            for (std::size_t l = 0; l < w; ++l) p[l] = p[l] + p[l + w];
        }
        CHECK(same_bits(cpu::sum_of_squares(x.data(), index(n)), p[0]));
    }
}

TEST_CASE("a row of logits is summarised by its log-sum-exp and its lowest best index") {
    for (std::size_t n : {1u, 5u, 16u, 17u, 512u, 32001u}) {
        auto   x   = spread(n, -20, 12);
        double sum = 0;
        for (float const v : x) sum += std::exp(double(v));
        auto const s = cpu::normalise(x);
        CHECK(s.log_sum_exp == Approx(std::log(sum)).epsilon(0).margin(3e-7));
        CHECK(s.top == std::max_element(x.begin(), x.end()) - x.begin());
        for (auto& v : x) v += 1000; // no overflow
        CHECK(cpu::normalise(x).log_sum_exp == Approx(std::log(sum) + 1000).epsilon(0).margin(2e-3));
    }
    CHECK(cpu::normalise(std::vector<float>{1, 2, 2, 0}).top == 1);
    std::vector<float> late(40, 1.0f);
    late[39] = late[38] = 2;
    CHECK(cpu::normalise(late).top == 38);
}

TEST_CASE("a row with one infinity or NaN has no best token, wherever it stands") {
    constexpr float inf = std::numeric_limits<float>::infinity();
    for (std::size_t const at : {0u, 7u, 31u, 32u, 36u}) {
        for (float const bad : {inf, -inf, std::nanf("")}) {
            std::vector<float> x(37, 0.5f);
            x[at]        = bad;
            auto const s = cpu::normalise(x);
            CHECK(s.top == -1);
            CHECK(std::isnan(s.log_sum_exp));
        }
    }
}

} // namespace qeval
