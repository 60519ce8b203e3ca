// Also tests normed_rows.hpp, rope_table.hpp, row_operations.hpp, tensor.hpp.
#include <cmath>
#include <complex>
#include <numbers>

#include <qeval/core/random.hpp>
#include <qeval/model/cpu/host.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/dense_linear.hpp"

namespace qeval {
namespace {

cpu::tensor random_tensor(index rows, index cols, std::uint64_t seed = 1) {
    random_stream const r(seed);
    auto                t = cpu::make_tensor(rows, cols);
    for (std::size_t i = 0; i < t.size(); ++i) t.data()[i] = float(2 * r.uniform(i) - 1);
    return t;
}
// Positions 0, 1, 2, ... of one sequence, and 5 of another that has 3 already.
struct two_sequences {
    cpu::kv_cache        a{{1, 1, 8, 64}, nullptr}, b{{1, 1, 8, 64}, nullptr};
    batch<cpu::kv_cache> step;
    two_sequences() {
        std::vector<token> const ids(8, 0);
        b.reserve(3), b.advance(3);
        step.add(a, std::span(ids).first(6));
        step.add(b, std::span(ids).first(5));
    }
};

} // namespace

TEST_CASE("rotary positions turn pairs of a head as complex numbers, in both storage orders") {
    thread_pool   pool(2);
    cpu::host     h(pool);
    two_sequences s;
    REQUIRE(s.step.positions == std::vector<index>{0, 1, 2, 3, 4, 5, 3, 4, 5, 6, 7});
    auto const order  = GENERATE(rope_order::half_split, rope_order::adjacent_pairs);
    auto const factor = GENERATE(1.0, 4.0);
    auto const x      = random_tensor(11, 24); // three heads of 8
    auto       y      = x;
    rotary     rope{order};
    for (int i = 0; i < 4; ++i) rope.frequencies.push_back(float(std::pow(10000.0, -i / 4.0) / factor));
    rope.magnitude = 1.5f;
    h.rotate(y, 8, rope, s.step);
    for (std::size_t t = 0; t < 11; ++t) {
        for (std::size_t head = 0; head < 3; ++head) {
            for (std::size_t i = 0; i < 4; ++i) {
                std::size_t const a     = head * 8 + (order == rope_order::half_split ? i : 2 * i);
                std::size_t const b     = head * 8 + (order == rope_order::half_split ? i + 4 : 2 * i + 1);
                double const      angle = double(s.step.positions[t]) / factor * std::pow(10000.0, -double(2 * i) / 8);
                auto const        z     = std::complex<double>(x(t, a), x(t, b)) * std::polar(1.5, angle);
                CHECK(double(y(t, a)) == Approx(z.real()).epsilon(0).margin(4e-7));
                CHECK(double(y(t, b)) == Approx(z.imag()).epsilon(0).margin(4e-7));
            }
        }
    }
}

TEST_CASE("RMSNorm divides a row by its root mean square") {
    thread_pool        pool(3);
    cpu::host          h(pool);
    auto const         x = random_tensor(5, 43);
    std::vector<float> weight(43);
    for (std::size_t i = 0; i < 43; ++i) weight[i] = float(i) / 10;
    auto       input = h.rms_norm(x, weight, 1e-3f);
    auto const y     = input.tensor();
    for (std::size_t t = 0; t < 5; ++t) {
        double squares = 0;
        for (std::size_t i = 0; i < 43; ++i) squares += double(x(t, i)) * double(x(t, i));
        for (std::size_t i = 0; i < 43; ++i) {
            double const expected = double(x(t, i)) / std::sqrt(squares / 43 + 1e-3) * double(weight[i]);
            CHECK(double(y(t, i)) == Approx(expected).epsilon(1e-6));
        }
    }
}

TEST_CASE("a linear of a normed tensor gives the bits of a linear of its rows") {
    thread_pool             pool(3);
    cpu::host               h(pool);
    auto const              x = random_tensor(5, 16);
    std::vector<float>      weight(16, 0.5f);
    auto                    values = random_tensor(7, 16, 9);
    tensor_view const       stored{"w", "F32", {7, 16}, std::as_bytes(std::span(values.data(), values.size()))};
    cpu::host::matrix const w      = std::make_shared<qeval_test::dense_linear>(stored);
    auto                    normed = h.rms_norm(x, weight, 1e-3f), same = h.rms_norm(x, weight, 1e-3f);
    auto                    rows = h.prepare(cpu::tensor(same.tensor()));
    CHECK((h.multiply(normed, w) == h.multiply(rows, w)));
}

TEST_CASE("gate, bias and residual are element by element") {
    thread_pool pool(1);
    cpu::host   h(pool);
    auto        x = random_tensor(3, 21, 1), gate = x, biased = x, sum = x;
    auto const  y = random_tensor(3, 21, 2);
    h.gate(gate, y, gate_fn::silu);
    h.add(sum, y);
    std::vector<float> bias(21);
    for (std::size_t i = 0; i < 21; ++i) bias[i] = float(i);
    h.add_bias(biased, bias);
    for (std::size_t t = 0; t < 3; ++t) {
        for (std::size_t i = 0; i < 21; ++i) {
            double const g = double(x(t, i));
            CHECK(double(gate(t, i)) == Approx(g / (1 + std::exp(-g)) * double(y(t, i))).epsilon(1e-6).margin(1e-12));
            CHECK(sum(t, i) == x(t, i) + y(t, i));
            CHECK(biased(t, i) == x(t, i) + bias[i]);
        }
    }
}

TEST_CASE("an embedding gives the rows of its table and refuses tokens beyond it") {
    thread_pool        pool(2);
    cpu::host          h(pool);
    auto               values = random_tensor(7, 5);
    tensor_view const  stored{"table", "F32", {7, 5}, std::as_bytes(std::span(values.data(), values.size()))};
    cpu::host::matrix  table = std::make_shared<qeval_test::dense_linear>(stored);
    std::vector<token> ids{6, 0, 3};
    auto const         x = h.embed(table, ids);
    for (std::size_t t = 0; t < 3; ++t) {
        for (std::size_t i = 0; i < 5; ++i) CHECK(x(t, i) == values(std::size_t(ids[t]), i));
    }
    ids[1] = 7;
    CHECK_THROWS_WITH(h.embed(table, ids), Catch::Contains("error[MO02] token 1 of a batch: found 7, expected 0..6"));
    ids[1] = -1;
    CHECK_THROWS_AS(h.embed(table, ids), usage_error);
}

TEST_CASE("an input is prepared once for all linears that take its kind") {
    struct counting : linear {
        counting(std::string_view kind, int& n) : kind_(kind), prepared(n) {}
        index                       rows() const override { return 1; }
        index                       cols() const override { return 4; }
        std::size_t                 bytes() const override { return 0; }
        std::string_view            format() const override { return "none"; }
        std::string_view            kernel() const override { return "none"; }
        std::string_view            input() const override { return kind_; }
        std::unique_ptr<activation> prepare(qeval::input_rows const&) const override {
            ++prepared;
            struct same : activation {
                explicit same(std::string_view k) : activation(k) {}
            };
            return std::make_unique<same>(kind_);
        }
        void apply(activation const& x, matrix_view<float> y) const override {
            CHECK(x.kind == kind_);
            for (index r = 0; r < y.rows; ++r) y(r, 0) = 1;
        }
        void             row(index, std::span<float>) const override {}
        std::string_view kind_;
        int&             prepared;
    };
    thread_pool             pool(1);
    cpu::host               h(pool);
    int                     floats = 0, bytes = 0;
    cpu::host::matrix const q = std::make_shared<counting>("f32", floats),
                            k = std::make_shared<counting>("f32", floats),
                            v = std::make_shared<counting>("int8", bytes);
    auto input                = h.prepare(random_tensor(2, 4));
    for (auto const& w : {q, k, v, q}) CHECK(h.multiply(input, w)(1, 0) == 1);
    CHECK(floats == 1);
    CHECK(bytes == 1);
}

TEST_CASE("a cache takes the bytes of its pages, in the format that it keeps") {
    thread_pool       pool(1);
    cpu::host         h(pool);
    cache_shape const shape{3, 2, 20, 64}; // a head of 20: values are padded to 32
    CHECK(h.cache_bytes(shape, 0) == 0);
    CHECK(h.cache_bytes(shape, 1) == h.cache_bytes(shape, 16));
    CHECK(h.cache_bytes(shape, 16) == 3u * 2 * 16 * (20 + 32) * sizeof(float));
    CHECK(h.cache_bytes(shape, 17) == 2 * h.cache_bytes(shape, 16));
    auto const halves = h.keeping(&kv_format_for<kv_plain<f16>>());
    CHECK(halves.cache_bytes(shape, 16) == 3u * 2 * 16 * 2 * 20 * sizeof(f16));
    CHECK(halves.keeping(nullptr).cache_bytes(shape, 16) == h.cache_bytes(shape, 16));
}

} // namespace qeval
