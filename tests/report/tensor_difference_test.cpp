#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/half.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/report/tensor_difference.hpp>
#include <qeval/scheme/table_of.hpp>

using namespace qeval;

namespace {

constexpr float no_number = std::numeric_limits<float>::quiet_NaN();

compared_tensor of(std::vector<float> const& values, std::vector<qeval::index> shape) {
    auto const      kept = std::make_shared<std::vector<float>>(values);
    compared_tensor t;
    t.tensor.name = "t", t.tensor.type = "F32", t.tensor.shape = std::move(shape);
    t.tensor.bytes = std::as_bytes(std::span(*kept)), t.tensor.memory = kept;
    return t;
}
compared_tensor of_bf16(std::vector<float> const& values, std::vector<qeval::index> shape) {
    auto const kept = std::make_shared<std::vector<bf16>>();
    for (float const x : values) kept->push_back(bf16::from(x));
    compared_tensor t;
    t.tensor.name = "t", t.tensor.type = "BF16", t.tensor.shape = std::move(shape);
    t.tensor.bytes = std::as_bytes(std::span(*kept)), t.tensor.memory = kept;
    return t;
}
std::vector<float> counted(std::size_t n) {
    std::vector<float> values(n);
    for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<float>(i % 1013) / 64 - 7;
    return values;
}

struct comparing {
    format_table formats = table_of<dense_f32, dense_f16, dense_bf16, q8_0>();
    thread_pool  pool{2};

    tensor_difference operator()(std::optional<compared_tensor> const& a, std::optional<compared_tensor> const& b) {
        return difference_of(a, b, formats, pool);
    }
};

} // namespace

TEST_CASE("equal bytes are equal values, and no value is read") {
    comparing  compare;
    auto const d = compare(of({1, no_number, -3}, {3}), of({1, no_number, -3}, {3}));
    CHECK(d.equal_bytes);
    CHECK(d.equal());
    CHECK(d.different == 0);
}

TEST_CASE("differences are counted, with the largest and the relative root of their mean square") {
    comparing          compare;
    std::vector<float> a = counted(3 * 65536 + 5), b = a;
    b[0] += 0.5f, b[65535] -= 2, b[65536] += 1, b.back() += 0.25f;
    double squares = 0;
    for (float const x : a) squares += double{x} * double{x};
    auto const d = compare(of(a, {qeval::index(a.size())}), of(b, {qeval::index(b.size())}));
    CHECK_FALSE(d.equal());
    CHECK(d.values == qeval::index(a.size()));
    CHECK(d.different == 4);
    CHECK(d.largest == 2);
    CHECK(d.relative_rms == Approx(std::sqrt((0.25 + 4 + 1 + 0.0625) / squares)).epsilon(1e-12));
}

TEST_CASE("one value in two formats is no difference, nor is a zero's sign, nor two NaN") {
    comparing          compare;
    std::vector<float> values{1, -0.5f, 0, no_number, 384};
    auto const         narrow = of_bf16(values, {5});
    values[2]                 = -0.0f;
    auto const d              = compare(of(values, {5}), narrow);
    CHECK_FALSE(d.equal_bytes);
    CHECK(d.compared);
    CHECK(d.equal());
}

TEST_CASE("NaN against a number differs, and so does anything against a zero") {
    comparing  compare;
    auto const d = compare(of({1, no_number}, {2}), of({1, 1}, {2}));
    CHECK(d.different == 1);
    CHECK(std::isnan(d.largest));
    CHECK(std::isinf(compare(of({0, 0}, {2}), of({0, 3}, {2})).relative_rms));
}

TEST_CASE("rows are compared in the order that is asked for, with what is added") {
    comparing  compare;
    auto       a = of({1, 2, 3, 4, 5, 6}, {3, 2});
    auto const b = of({5.5f, 6.5f, 1.5f, 2.5f, 3.5f, 4.5f}, {3, 2});
    a.rows = {2, 0, 1}, a.plus = 0.5f;
    CHECK(compare(a, b).equal());
    a.rows = {0, 1, 2};
    CHECK(compare(a, b).different == 6);

    auto v = of({1, 2, 3}, {3}); // of a vector its numbers
    v.rows = {1, 2, 0};
    CHECK(compare(v, of({2, 3, 1}, {3})).equal());
}

TEST_CASE("rows in another order are read across the parts that are compared at a time") {
    comparing          compare;
    qeval::index const rows = 300, cols = 517;
    std::vector<float> a = counted(std::size_t(rows * cols)), b;
    auto               t = of(a, {rows, cols});
    for (qeval::index r = 0; r < rows; ++r) {
        t.rows.push_back((r * 7) % rows);
        auto const from = a.begin() + t.rows.back() * cols;
        b.insert(b.end(), from, from + cols);
    }
    CHECK(compare(t, of(b, {rows, cols})).equal());
}

TEST_CASE("what one of both lacks, another shape, and a format that is not known are told, and no values compared") {
    comparing  compare;
    auto const a = of({1, 2}, {2});
    CHECK(compare(a, {}).formats[1].empty());
    CHECK(compare({}, a).formats[0].empty());
    CHECK_FALSE(compare(a, {}).equal());
    CHECK_FALSE(compare(a, of({1, 2}, {1, 2})).equal());

    auto odd = a, other = of({1, 3}, {2});
    odd.tensor.type = other.tensor.type = "I32";
    CHECK(compare(odd, odd).equal());
    CHECK_FALSE(compare(odd, other).equal());
    CHECK_FALSE(compare(odd, other).compared);
}

TEST_CASE("a tensor without elements equals another one") {
    comparing compare;
    CHECK(compare(of({}, {0, 4}), of_bf16({}, {0, 4})).equal());
}
