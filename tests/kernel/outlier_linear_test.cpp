// LLM.int8: what goes through bytes, what through 16 bits, and what bitsandbytes makes of it.
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include <tests/golden/llm_int8_golden.hpp>
#include <tests/kernel/sample_layer.hpp>

#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/kernel/outlier_linear.hpp>
#include <qeval/pack/encode.hpp>

namespace {

using namespace qeval_test::sample_layer;
using qeval::index; // not the one of <strings.h>

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

} // namespace
