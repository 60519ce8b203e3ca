// Also tests changed_input_linear.hpp and cpu/reordered_packed.hpp.
#include <algorithm>
#include <memory>
#include <numeric>
#include <vector>

#include <tests/golden/weight_streams.hpp>
#include <tests/support/catch.hpp>

#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/kernel/cpu/packed_as.hpp>
#include <qeval/kernel/cpu/place.hpp>
#include <qeval/kernel/cpu/reordered_packed.hpp>
#include <qeval/kernel/reordered_linear.hpp>
#include <qeval/pack/encode.hpp>

namespace {

using namespace qeval_test;

constexpr qeval::index rows = 48, cols = 256, tokens = 5;

qeval::thread_pool pool(2);

std::unique_ptr<qeval::any_packed> stored() {
    auto const weights = weight_stream("gaussian").take(rows * cols);
    return std::make_unique<qeval::packed_as<qeval::int4>>(
        qeval::pack<qeval::int4>(qeval::matrix_view<float const>(weights.data(), rows, cols), pool));
}
std::shared_ptr<std::vector<qeval::index> const> some_order() {
    auto order = std::make_shared<std::vector<qeval::index>>(std::size_t(cols));
    for (std::size_t k = 0; k < order->size(); ++k) (*order)[k] = qeval::index(k * 37 % std::size_t(cols));
    return order;
}
std::vector<float> product(qeval::linear const& w, std::vector<float> const& x) {
    std::vector<float> y(std::size_t(tokens * rows));
    w.apply(*w.prepare({x.data(), tokens, cols}), {y.data(), tokens, rows});
    return y;
}

} // namespace

TEST_CASE("a reordered matrix has its columns where the order says, piece by piece and as a whole") {
    auto const                    order = some_order();
    auto const                    plain = stored();
    qeval::reordered_packed const matrix(stored(), order);
    std::vector<float>            before(std::size_t(rows * cols)), after(before.size()), pieces(before.size());
    plain->unpack({before.data(), rows, cols}, pool);
    matrix.unpack({after.data(), rows, cols}, pool);
    for (std::size_t at = 0; at < pieces.size(); at += 100)
        matrix.decode(qeval::index(at), std::span(pieces).subspan(at, std::min<std::size_t>(100, pieces.size() - at)));
    CHECK(pieces == after);
    bool all = true;
    for (qeval::index r = 0; r < rows; ++r) {
        for (qeval::index k = 0; k < cols; ++k)
            all = all && after[std::size_t(r * cols + (*order)[std::size_t(k)])] == before[std::size_t(r * cols + k)];
    }
    CHECK(all);
    CHECK(matrix.bytes() == plain->bytes() + 4 * cols);
}

TEST_CASE("a product with a reordered matrix has the bits of the stored matrix's with inputs in its order") {
    auto const order = some_order();
    auto const x     = weight_stream("gaussian").take(tokens * cols);
    auto       put   = x;
    for (qeval::index t = 0; t < tokens; ++t) {
        for (qeval::index k = 0; k < cols; ++k)
            put[std::size_t(t * cols + k)] = x[std::size_t(t * cols + (*order)[std::size_t(k)])];
    }
    for (bool const one_token : {false, true}) {
        qeval::multiply_how how;
        how.for_one_token             = one_token;
        auto                    plain = stored();
        qeval::reordered_packed matrix(stored(), order);
        auto const base = qeval::cpu::place(*plain, how, pool), reordered = qeval::cpu::place(matrix, how, pool);
        CHECK(product(*reordered, x) == product(*base, put));
        std::vector<float> row(cols), wanted(cols);
        reordered->row(7, row);
        qeval::reordered_packed(stored(), order).decode(7 * cols, wanted);
        CHECK(row == wanted);
        CHECK(reordered->input() != base->input());
    }
}

TEST_CASE("two reordered matrices never share what they prepare: their orders may differ") {
    qeval::reordered_packed a(stored(), some_order()), b(stored(), some_order());
    CHECK(qeval::cpu::place(a, {}, pool)->input() != qeval::cpu::place(b, {}, pool)->input());
}

TEST_CASE("the planes of a reordered matrix are not written: a file has no place for the order") {
    qeval::reordered_packed const matrix(stored(), some_order());
    CHECK_THROWS_AS(matrix.write([](auto) {}), qeval::usage_error);
}
