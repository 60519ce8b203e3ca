// Linears made of other linears: rounded inputs, outliers in 16 bits, static int8.
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include <tests/golden/llm_int8_golden.hpp>
#include <tests/golden/weight_streams.hpp>
#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/kernel/outlier_linear.hpp>
#include <qeval/kernel/rounded_linear.hpp>
#include <qeval/kernel/static_int8_linear.hpp>
#include <qeval/pack/encode.hpp>

namespace {

using namespace qeval;
using qeval::index; // not the one of <strings.h>

constexpr index rows = 50, cols = 1024;

std::vector<float> weights() { return qeval_test::weight_stream("gaussian").take(rows * cols); }

// Inputs around 1, and every `outliers`-th column of every third row around 20.
std::vector<float> inputs(index n, index outliers) {
    random_stream const draw(3);
    std::vector<float>  x(static_cast<std::size_t>(n * cols));
    for (index i = 0; i < n; ++i) {
        for (index k = 0; k < cols; ++k) {
            float const v =
                static_cast<float>(qeval_test::centred_sum(draw.bits(static_cast<std::uint64_t>(i * cols + k)))) *
                0x1p-15f;
            x[static_cast<std::size_t>(i * cols + k)] =
                outliers > 0 && i % 3 == 0 && (k + i) % outliers == 0 ? (v < 0 ? v - 20 : v + 20) : v;
        }
    }
    return x;
}
matrix_view<float const> view(std::vector<float> const& x) {
    return {x.data(), static_cast<index>(x.size()) / cols, cols};
}

std::vector<float> run(linear const& w, std::vector<float> const& x) {
    std::vector<float> y(x.size() / cols * rows);
    auto const         prepared = w.prepare(view(x));
    CHECK(prepared->kind == w.input());
    w.apply(*prepared, {y.data(), static_cast<index>(x.size()) / cols, rows});
    return y;
}
template <class F>
std::vector<float> values(packed_view<F> const& w) {
    std::vector<float> out;
    for (index r = 0; r < w.rows; ++r) {
        for (index k = 0; k < w.cols; ++k) out.push_back(w(r, k));
    }
    return out;
}
// x W^T in double, with the sum of magnitudes beside it.
struct product {
    std::vector<double> y, magnitude;
};
product exact(std::vector<float> const& w, std::vector<float> const& x) {
    product p;
    for (std::size_t i = 0; i < x.size() / cols; ++i) {
        for (std::size_t r = 0; r < rows; ++r) {
            double y = 0, m = 0;
            for (std::size_t k = 0; k < cols; ++k) {
                double const t = double{w[r * cols + k]} * double{x[i * cols + k]};
                y += t, m += std::fabs(t);
            }
            p.y.push_back(y), p.magnitude.push_back(m);
        }
    }
    return p;
}
void check_close(std::vector<float> const& y, product const& p) {
    for (std::size_t i = 0; i < y.size(); ++i) CHECK(std::fabs(double{y[i]} - p.y[i]) <= 1e-5 * p.magnitude[i]);
}

TEST_CASE("a rounded input multiplies what its activation format defines") {
    thread_pool pool(2);
    auto const  w = weights(), x = inputs(5, 0);
    for_each_activation(activation_formats{}, [&](auto tag) {
        using A = typename decltype(tag)::type;
        INFO(A::name);
        auto                 packed = pack<nf4>({w.data(), rows, cols}, pool);
        auto const           d      = values(packed.view());
        rounded_linear const l(cpu::make_linear<nf4>(std::move(packed), cpu::exact_path{}, pool),
                               any_activation_of<typename decltype(tag)::type>, pool);
        std::vector<float>   r(x.size());
        for (index i = 0; i < 5; ++i) A::round(view(x).row(i), {r.data() + i * cols, std::size_t(cols)});
        check_close(run(l, x), exact(d, r));
        CHECK(l.format() == "nf4");
        CHECK(l.kernel().find(A::name) != std::string_view::npos);
    });
}

std::unique_ptr<linear> llm_int8_linear(outlier_choice choice, thread_pool& pool) {
    auto const w      = weights();
    auto       packed = pack<llm_int8>({w.data(), rows, cols}, pool);
    auto const at     = packed.view();
    return std::make_unique<outlier_linear>(
        cpu::make_linear<llm_int8>(std::move(packed), cpu::integer_path{cpu::activation_group::token}, pool),
        [at](index r, index k) { return at(r, k); }, llm_int8::outlier_threshold, choice, pool);
}
// The definition in double: outliers times f16 weights, the rest through int8 with one scale a token.
product defined(std::vector<float> const& x, outlier_choice choice, thread_pool& pool) {
    auto const         w      = weights();
    auto               packed = pack<llm_int8>({w.data(), rows, cols}, pool);
    auto const         d      = values(packed.view());
    std::vector<float> h      = d, small(x.size()), large(x.size());
    for (float& v : h) v = f16::from(v).to_float();
    auto const n = x.size() / cols;
    for (std::size_t k = 0; k < cols; ++k) {
        bool any = false;
        for (std::size_t i = 0; i < n; ++i) any = any || std::fabs(f16::from(x[i * cols + k]).to_float()) >= 6;
        for (std::size_t i = 0; i < n; ++i) {
            float const v                       = f16::from(x[i * cols + k]).to_float();
            bool const  out                     = choice == outlier_choice::per_batch ? any : std::fabs(v) >= 6;
            (out ? large : small)[i * cols + k] = v;
        }
    }
    std::vector<float> q(x.size());
    for (std::size_t i = 0; i < n; ++i) int8_token::round({small.data() + i * cols, cols}, {q.data() + i * cols, cols});
    product sum = exact(d, q), more = exact(h, large);
    for (std::size_t i = 0; i < sum.y.size(); ++i) sum.y[i] += more.y[i], sum.magnitude[i] += more.magnitude[i];
    return sum;
}

TEST_CASE("LLM.int8 is int8 for small inputs and 16 bits for outliers") {
    for (int threads : {1, 3}) {
        thread_pool pool(threads);
        for (index outliers : {0, 100, 7}) {
            auto const x = inputs(7, outliers);
            for (auto choice : {outlier_choice::per_token, outlier_choice::per_batch}) {
                check_close(run(*llm_int8_linear(choice, pool), x), defined(x, choice, pool));
            }
        }
    }
}

TEST_CASE("outliers chosen for a token leave its result alone whatever the company, outliers of a batch do not") {
    thread_pool        pool(2);
    auto const         x = inputs(7, 50);
    std::vector<float> last(x.end() - cols, x.end()); // row 6: with outliers of its own
    auto const         by_token = llm_int8_linear(outlier_choice::per_token, pool),
               by_batch         = llm_int8_linear(outlier_choice::per_batch, pool);
    auto const tail = [&](std::vector<float> const& y) { return std::vector<float>(y.end() - rows, y.end()); };
    CHECK(tail(run(*by_token, x)) == run(*by_token, last));
    CHECK(tail(run(*by_batch, x)) != run(*by_batch, last));
    CHECK(run(*by_token, last) == run(*by_batch, last)); // alone, both choose the same
    CHECK(by_token->input() != by_batch->input());
}

TEST_CASE("LLM.int8 gives the products of bitsandbytes, within its 16-bit arithmetic", "[golden]") {
    thread_pool pool(2);
    auto const  w = qeval_test::weight_stream("gaussian").take(16 * cols);
    auto        x = qeval_test::weight_stream("heavy").take(4 * cols);
    for (float& v : x) v *= 8;
    for (auto choice : {outlier_choice::per_batch, outlier_choice::per_token}) {
        auto                 packed = pack<llm_int8>({w.data(), 16, cols}, pool);
        auto const           at     = packed.view();
        outlier_linear const l(
            cpu::make_linear<llm_int8>(std::move(packed), cpu::integer_path{cpu::activation_group::token}, pool),
            [at](index r, index k) { return at(r, k); }, llm_int8::outlier_threshold, choice, pool);
        std::vector<float> y(64);
        l.apply(*l.prepare(view(x)), {y.data(), 4, 16});
        auto const& golden = choice == outlier_choice::per_batch ? llm_int8_batch : llm_int8_alone;
        for (std::size_t i = 0; i < 64; ++i) CHECK(y[i] == Approx(golden[i]).epsilon(0.002).margin(0.003));
    }
}

TEST_CASE("static int8 gives the five-tensor formula in integers") {
    thread_pool        pool(2);
    auto const         w = weights(), x = inputs(6, 90);
    std::vector<float> bias;
    for (index r = 0; r < rows; ++r) bias.push_back(0.01f * static_cast<float>(r - 20));
    for (auto [scale, offset] : {std::pair{0.05f, 0.0f}, {0.03f, -12.0f}, {0.2f, 100.0f}}) {
        auto                      packed = pack<int8_sym>({w.data(), rows, cols}, pool);
        static_int8 const         s      = derive_static_int8(packed.view(), scale, offset, bias);
        std::vector<float> const  d      = values(packed.view());
        std::vector<std::int64_t> integers;
        for (index i = 0; i < rows * cols; ++i)
            integers.push_back(static_cast<std::int64_t>(int8_sym::level(int8_sym::code(packed.view().cell, i))));
        for (index r = 0; r < rows; ++r) {
            CHECK(s.deq_scale[std::size_t(r)] == scale * int8_sym::group(packed.view().cell, r).scale);
        }
        static_int8_linear const l(
            cpu::make_linear<int8_sym>(without_scales(std::move(packed)), cpu::exact_path{}, pool), s, pool);
        auto const y = run(l, x);
        for (std::size_t i = 0; i < 6; ++i) {
            for (std::size_t r = 0; r < rows; ++r) {
                std::int64_t sum = s.quant_bias[r];
                for (std::size_t k = 0; k < cols; ++k) {
                    float const q = std::nearbyint(x[i * cols + k] / scale + offset);
                    sum += static_cast<std::int64_t>(q > 127 ? 127 : q < -128 ? -128 : q) * integers[r * cols + k];
                }
                CHECK(y[i * rows + r] ==
                      Approx(static_cast<double>(sum) * double{s.deq_scale[r]}).epsilon(1e-6).margin(1e-6));
            }
        }
        // the sum of integers stands for the product with the values the inputs were rounded to, and the bias
        std::vector<float> back(x.size());
        for (std::size_t i = 0; i < x.size(); ++i) {
            float const q = std::nearbyint(x[i] / scale + offset);
            back[i]       = ((q > 127 ? 127 : q < -128 ? -128 : q) - offset) * scale;
        }
        auto const p = exact(d, back);
        for (std::size_t i = 0; i < y.size(); ++i) {
            double const half = 0.51 * double{s.deq_scale[i % rows]}; // of the rounded bias
            CHECK(std::fabs(double{y[i]} - p.y[i] - double{bias[i % rows]}) <= half + 1e-5 * p.magnitude[i]);
        }
        std::vector<float> row(cols);
        l.row(3, row);
        for (std::size_t k = 0; k < cols; ++k) CHECK(row[k] == Approx(d[3 * cols + k]).epsilon(1e-6));
    }
}

TEST_CASE("rows that are made where they are packed give the bits of stored rows") {
    thread_pool                          pool(3);
    auto const                           w = weights(), x = inputs(50, 90); // more than a piece of the columns
    std::vector<std::unique_ptr<linear>> all;
    auto const                           packed = [&] { return pack<int8_sym>({w.data(), rows, cols}, pool); };
    all.push_back(cpu::make_linear<int8_sym>(packed(), cpu::exact_path{}, pool));
    all.push_back(cpu::make_linear<int8_sym>(packed(), cpu::exact_path{compute_type::f16}, pool));
    all.push_back(cpu::make_linear<int8_sym>(packed(), cpu::bf16_path{}, pool));
    for (auto group : {cpu::activation_group::columns_32, cpu::activation_group::token}) {
        all.push_back(cpu::make_linear<int8_sym>(packed(), cpu::integer_path{group}, pool));
    }
    all.push_back(std::make_unique<rounded_linear>(cpu::make_linear<int8_sym>(packed(), cpu::exact_path{}, pool),
                                                   any_activation_of<int8_token>, pool));
    auto stored = packed();
    auto parts  = derive_static_int8(stored.view(), 0.1f, 3.0f);
    all.push_back(std::make_unique<static_int8_linear>(
        cpu::make_linear<int8_sym>(without_scales(std::move(stored)), cpu::exact_path{}, pool), std::move(parts),
        pool));
    auto       outer = packed();
    auto const at    = outer.view();
    all.push_back(std::make_unique<outlier_linear>(
        cpu::make_linear<int8_sym>(std::move(outer), cpu::integer_path{}, pool),
        [at](index r, index k) { return at(r, k); }, 6.0f, outlier_choice::per_token, pool));
    auto const make = [](void const* how, index row, std::span<float> out) { // halves of what is stored
        auto const& from = *static_cast<std::vector<float> const*>(how);
        for (index k = 0; k < cols; ++k)
            out[static_cast<std::size_t>(k)] = from[static_cast<std::size_t>(row * cols + k)] / 2;
    };
    auto halves = x;
    for (float& v : halves) v /= 2;
    for (index const n : {index{1}, index{2}, index{50}}) {
        for (auto const& l : all) {
            INFO(l->kernel() << ", " << n << " rows");
            std::vector<float> y(static_cast<std::size_t>(n * rows));
            l->apply(*l->prepare(input_rows(n, cols, make, &x)), {y.data(), n, rows});
            CHECK(y == run(*l, {halves.begin(), halves.begin() + n * cols}));
        }
    }
}

} // namespace
