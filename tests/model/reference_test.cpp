// The CPU's operations give the bits of their scalar definitions.
// Also tests host_rows.hpp, logit_rows.hpp.
#include <cmath>
#include <limits>
#include <vector>

#include <qeval/core/random.hpp>
#include <qeval/model/cpu/host.hpp>
#include <qeval/model/host_rows.hpp>
#include <qeval/model/reference.hpp>

#include "tests/support/catch.hpp"

namespace qeval {
namespace {

std::vector<float> spread(index n, float low, float high, std::uint64_t seed = 1) {
    random_stream const r(seed);
    std::vector<float>  x;
    for (index i = 0; i < n; ++i) x.push_back(low + (high - low) * float(r.uniform(std::uint64_t(i))));
    return x;
}
bool same_bits(double a, double b) { return bit_cast<std::uint64_t>(a) == bit_cast<std::uint64_t>(b); }
bool same_bits(float a, float b) { return bit_cast<std::uint32_t>(a) == bit_cast<std::uint32_t>(b); }

bool same(logit_summary const& a, logit_summary const& b) {
    return same_bits(a.log_sum_exp, b.log_sum_exp) && a.best == b.best && same_bits(a.logit, b.logit);
}

} // namespace

TEST_CASE("the exponential function is its scalar definition, from overflow to the last subnormal") {
    constexpr float inf = std::numeric_limits<float>::infinity();
    auto            x   = spread(20000, -110, 95);
    x.insert(x.end(), {inf, -inf, 0.0f, -0.0f, 88.722839f, 88.72284f, -103.97208f, -87.336545f, -104.5f});
    for (float const v : x) {
        INFO(v);
        CHECK(same_bits(reference::exp_value(v), cpu::exp_value(v)));
        CHECK(same_bits(reference::silu(v), cpu::silu_value(v)));
        CHECK(same_bits(reference::gelu_tanh(v), cpu::gelu_tanh_value(v)));
        CHECK(same_bits(reference::gelu(v), cpu::gelu_value(v)));
        CHECK(same_bits(reference::sigmoid(v), cpu::sigmoid_value(v)));
        CHECK(same_bits(reference::tanh_value(v), cpu::tanh_value(v)));
        for (float const u : {-9.0f, 0.5f, 7.5f}) {
            CHECK(
                same_bits(reference::gate(gate_fn::clamped_silu, v, u), cpu::gated_value<gate_fn::clamped_silu>(v, u)));
            CHECK(same_bits(reference::gate(gate_fn::gelu_tanh, v, u), cpu::gated_value<gate_fn::gelu_tanh>(v, u)));
        }
    }
    CHECK(std::isnan(reference::exp_value(std::nanf(""))));
}

TEST_CASE("RMSNorm is its scalar definition at every width") {
    for (index n : {1, 15, 16, 17, 48, 100, 513}) {
        auto const             x = spread(n, -3, 5), weight = spread(n, -1, 2, 2);
        std::vector<float>     y(x.size()), expected(x.size());
        cpu::normed_rows const rows{{x.data(), 1, n}, weight, 1e-5f};
        rows(0, y);
        reference::rms_norm(x, weight, 1e-5f, expected);
        for (std::size_t i = 0; i < y.size(); ++i) CHECK(same_bits(y[i], expected[i]));

        auto const             bias = spread(n, -1, 1, 5);
        cpu::normed_rows const with_bias{{x.data(), 1, n}, weight, 1e-5f, bias};
        with_bias(0, y);
        reference::layer_norm(x, weight, bias, 1e-5f, expected);
        for (std::size_t i = 0; i < y.size(); ++i) CHECK(same_bits(y[i], expected[i]));
    }
}

TEST_CASE("summaries and divergences of rows are their scalar definitions, with any number of threads") {
    constexpr index rows = 9, vocabulary = 1003;
    auto            x      = spread(rows * vocabulary, -12, 9);
    auto const      base   = spread(rows * vocabulary, -12, 9, 3);
    x[3 * vocabulary + 77] = std::numeric_limits<float>::infinity();
    x[5 * vocabulary + 8]  = std::nanf("");
    matrix_view<float const> const logits(x.data(), rows, vocabulary), kept(base.data(), rows, vocabulary);
    std::vector<logit_target>      targets;
    std::vector<kept_row>          from;
    for (index r = 0; r < rows; ++r) {
        for (token const t : {0, 400, 1002}) {
            targets.push_back({r, t});
            from.push_back({kept.row(r), normalise(kept.row(r))});
        }
    }
    host_rows const reference(logits);
    for (int threads : {1, 3}) {
        thread_pool pool(threads);
        cpu::host   device(pool);
        auto        tensor = cpu::make_tensor(rows, vocabulary);
        std::copy(x.begin(), x.end(), tensor.data());
        for (auto const how : {exponentials::f32, exponentials::f64}) {
            auto const mine = device.summarize(tensor, targets, how), its = reference.summarize(targets, how);
            REQUIRE(mine.size() == targets.size());
            for (std::size_t i = 0; i < mine.size(); ++i) {
                if (how == exponentials::f32 && (targets[i].row == 3 || targets[i].row == 5)) {
                    CHECK((mine[i].best == -1 && its[i].best == -1 && std::isnan(mine[i].log_sum_exp)));
                } else if (targets[i].row != 5) { // a NaN has no one pattern of bits
                    CHECK(same(mine[i], its[i]));
                }
            }
        }
        auto const mine = device.diverge(tensor, targets, from), its = reference.diverge(targets, from);
        for (std::size_t i = 0; i < mine.size(); ++i) {
            if (targets[i].row == 3 || targets[i].row == 5) continue;
            CHECK(same(mine[i].of, its[i].of));
            CHECK(same_bits(mine[i].kl, its[i].kl));
            CHECK(mine[i].kl > 0);
        }
        CHECK(device.summarize(tensor, {}, exponentials::f32).empty());
    }
}

} // namespace qeval
