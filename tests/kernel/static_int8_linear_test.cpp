#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <tests/kernel/sample_layer.hpp>

#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/kernel/static_int8_linear.hpp>
#include <qeval/pack/encode.hpp>

namespace {

using namespace qeval_test::sample_layer;
using qeval::index; // not the one of <strings.h>

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

} // namespace
