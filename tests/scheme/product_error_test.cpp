#include <cmath>
#include <memory>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/samples.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/q4_0.hpp>
#include <qeval/kernel/cpu/place.hpp>
#include <qeval/scheme/product_error.hpp>

namespace {

qeval::index const rows = 48, cols = 512, n = 5;

template <class F, class Path>
qeval::product_error measured(qeval::any_activation const* activations, Path path) {
    static auto const  w = qeval::gaussian_sample(rows * cols, 1), x = qeval::gaussian_sample(n * cols, 2);
    qeval::thread_pool pool(2);
    return qeval::attribute_product(*qeval::any_format_of<F>(), {w.data(), rows, cols}, {x.data(), n, cols},
                                    activations, pool,
                                    [&](qeval::any_packed& packed) { return qeval::cpu::take(packed, path, pool); });
}

} // namespace

TEST_CASE("with stored f32 weights and inputs only the order of additions is left") {
    auto const e = measured<qeval::dense_f32>(nullptr, qeval::cpu::exact_path{});
    CHECK(e.weights == 0);
    CHECK(e.activations == 0);
    CHECK(e.accumulation > 0);
    CHECK(e.accumulation <= 3e-7);
    CHECK(e.total == e.accumulation);
}

TEST_CASE("the integer path adds the rounding of its inputs and next to nothing by its sums") {
    auto const exact = measured<qeval::q4_0>(nullptr, qeval::cpu::exact_path{});
    auto const e = measured<qeval::q4_0>(&qeval::any_activation_of<qeval::int8_groups_32>, qeval::cpu::integer_path{});
    CHECK(e.weights == exact.weights);
    CHECK(e.weights > 0.05); // 4 bits
    CHECK(e.weights < 0.15);
    CHECK(e.activations > 1e-3);
    CHECK(e.activations < 6e-3);
    CHECK(e.accumulation <= 3e-7);
    CHECK(std::fabs(e.total - std::hypot(e.weights, e.activations)) < 0.1 * e.activations); // independent sources
}

TEST_CASE("a kernel that does not multiply what the activation format says shows in the last part") {
    auto const e = measured<qeval::q4_0>(&qeval::any_activation_of<qeval::int8_token>,
                                         qeval::cpu::integer_path{}); // a scale a token against one for 32 columns
    CHECK(e.accumulation > 1e-3);
}
