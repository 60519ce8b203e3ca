// Activation formats against their published formulas, in double where that is exact.
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <tests/golden/weight_streams.hpp>
#include <tests/support/catch.hpp>

#include <qeval/format/activation.hpp>
#include <qeval/kernel/reference.hpp>

namespace {

using namespace qeval;
using qeval::index; // not the one of <strings.h>

std::vector<float> activations(index count) { return qeval_test::weight_stream("heavy").take(count); }

template <class A>
std::vector<float> rounded(std::vector<float> const& x) {
    std::vector<float> out(x.size());
    A::round(x, out);
    return out;
}
double relative_error(std::vector<float> const& a, std::vector<float> const& b) {
    double error = 0, norm = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        error += std::pow(double{a[i]} - double{b[i]}, 2);
        norm += std::pow(double{b[i]}, 2);
    }
    return std::sqrt(error / norm);
}

TEST_CASE("no value moves by more than half a step of its format") {
    for (index n : {1, 31, 32, 33, 256, 1000}) {
        auto const x     = activations(n);
        auto const check = [&](auto tag, std::size_t group, auto half_step) {
            using A        = typename decltype(tag)::type;
            auto const out = rounded<A>(x);
            INFO(A::name << ", " << n << " values");
            for (std::size_t g = 0; g < x.size(); g += group) {
                double top = 0;
                for (std::size_t i = g; i < std::min(x.size(), g + group); ++i)
                    top = std::max(top, std::fabs(double{x[i]}));
                for (std::size_t i = g; i < std::min(x.size(), g + group); ++i) {
                    CHECK(std::fabs(double{out[i]} - double{x[i]}) <= half_step(double{x[i]}, top) * (1 + 1e-6));
                }
            }
        };
        auto const whole = x.size();
        auto const int8  = [](double, double top) { return top / 254 + 1e-12; };
        check(activation_tag<f32_values>{}, whole, [](double, double) { return 0.0; });
        check(activation_tag<bf16_values>{}, whole, [](double v, double) { return std::fabs(v) / 256; });
        check(activation_tag<int8_token>{}, whole, int8);
        check(activation_tag<int8_groups_32>{}, 32, int8);
        check(activation_tag<int8_groups_256>{}, 256, int8);
        // e4m3: 3 bits of mantissa, and multiples of 2^-9 of the scale below 2^-6
        check(activation_tag<fp8_token>{}, whole,
              [](double v, double top) { return std::max(std::fabs(v) / 16, top / 448 * 0x1p-10); });
    }
}

TEST_CASE("the integer path multiplies the values that its activation format defines") {
    auto const x     = activations(1000);
    auto const check = [&](auto tag, index group) {
        using A = typename decltype(tag)::type;
        reference::int8_row const q(x, group);
        auto const                out = rounded<A>(x);
        for (std::size_t i = 0; i < x.size(); ++i) CHECK(out[i] == static_cast<float>(q.q[i]) * q.scale[i / 32]);
    };
    check(activation_tag<int8_token>{}, 1000);
    check(activation_tag<int8_groups_32>{}, 32);
    check(activation_tag<int8_groups_256>{}, 256);
}

TEST_CASE("finer groups and more bits round less") {
    auto const x = activations(4096);
    CHECK(relative_error(rounded<int8_groups_32>(x), x) < relative_error(rounded<int8_groups_256>(x), x));
    CHECK(relative_error(rounded<int8_groups_256>(x), x) < relative_error(rounded<int8_token>(x), x));
    CHECK(relative_error(rounded<bf16_values>(x), x) < relative_error(rounded<fp8_token>(x), x));
    CHECK(rounded<f32_values>(x) == x);
}

TEST_CASE("zeros stay zeros, and a second rounding changes nothing") {
    for_each_activation(activation_formats{}, [](auto tag) {
        using A = typename decltype(tag)::type;
        INFO(A::name);
        CHECK(rounded<A>(std::vector<float>(100, 0.0f)) == std::vector<float>(100, 0.0f));
        if (std::string_view(A::name) == int8_token_255::name) return; // it cuts its largest value off: below
        auto const once = rounded<A>(activations(500));
        CHECK(relative_error(rounded<A>(once), once) < 1e-6);
    });
}

TEST_CASE("of 255 steps, as compressed-tensors takes them, 128 lie below zero and 127 above") {
    CHECK(rounded<int8_token_255>({127.5f, -127.5f, 1, 0.5f, 2.5f}) == std::vector<float>{127, -128, 1, 0, 2});
}

TEST_CASE("an activation format is found by its name or alias, as one object with its facts") {
    for_each_activation(activation_formats{}, [](auto tag) {
        using A                           = typename decltype(tag)::type;
        any_activation const* const found = find_activation(activation_formats{}, std::string(A::name));
        REQUIRE(found == &any_activation_of<A>);
        CHECK(found->bits == A::bits);
        auto const         x = activations(300);
        std::vector<float> out(x.size());
        found->round(x, out);
        CHECK(out == rounded<A>(x));
    });
    CHECK(find_activation(activation_formats{}, "int8_token") == &any_activation_of<int8_token>);
    CHECK(any_activation_of<int8_token>.integer_group == 0);
    CHECK(any_activation_of<int8_groups_256>.integer_group == 256);
    CHECK(!any_activation_of<fp8_token>.integer_group);
    CHECK(find_activation(activation_formats{}, "int7") == nullptr);
    CHECK(find_activation(activation_formats{}, "") == nullptr);
}

} // namespace
