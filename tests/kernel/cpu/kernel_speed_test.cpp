// The arithmetic of a measurement, on rates that are scripted: speed itself is measured by `qeval bench`, never tested.
// Also tests roofline.hpp.
#include <cmath>
#include <cstddef>
#include <memory>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/samples.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/kernel/cpu/kernel_speed.hpp>
#include <qeval/pack/encode.hpp>

namespace qeval::cpu {
namespace {

// Gives the numbers of a list, one a call.
struct scripted {
    std::vector<double> values;
    std::size_t         next = 0;

    double operator()() { return values.at(next++); }
};

} // namespace

TEST_CASE("a median is the middle of an odd number of values and the mean of the two middle ones of an even number") {
    CHECK(median({3, 1, 2}) == 2);
    CHECK(median({4, 1, 3, 2}) == 2.5);
    CHECK(median({7}) == 7);
}

TEST_CASE("each repetition is a fraction of the limits before and after it; the first call only warms up") {
    scripted   rate{{1000, 30, 20, 40}}, limit{{40, 80, 20, 60}};
    auto const speed = measure_beside(3, rate, "FMA", limit);
    CHECK(speed.value == 30);
    CHECK(speed.limit == 50);
    CHECK(speed.fraction == 0.5);                   // of 30 / 60, 20 / 50, 40 / 40
    CHECK(speed.spread == Approx((1 - 0.4) / 0.5)); // of the ratios
    CHECK(speed.limited_by == "FMA");
    CHECK(rate.next == 4);
    CHECK(limit.next == 4);
}

TEST_CASE("products of several matrices count the bytes of all, and two operations for each weight and token") {
    thread_pool                          one(1);
    auto const                           values = gaussian_sample(6 * 64, 1);
    std::vector<std::unique_ptr<linear>> weights;
    for (int i = 0; i < 2; ++i)
        weights.push_back(make_linear<q8_0>(pack<q8_0>({values.data(), 6, 64}, one), exact_path{}, one));
    timed_products products(weights, 3);
    CHECK(products.bytes() == 2 * 6 * 2 * 34.0); // two blocks of 34 bytes a row
    CHECK(products.operations() == 2.0 * 2 * 3 * 6 * 64);
    CHECK(products.seconds() > 0);
}

TEST_CASE("every limit of the machine is measured as a positive rate") {
    thread_pool    two(2);
    roofline const machine(two, std::size_t{8} << 20);
    for (double const rate : {machine.fma(), machine.int8_dot(), machine.bf16_dot(), machine.read()}) {
        CHECK(rate > 0);
        CHECK(std::isfinite(rate));
    }
}

TEST_CASE("the limit of a path is the instruction that it is made of") {
    CHECK(limit_of(exact_path{}).name == "FMA");
    CHECK(limit_of(bf16_path{}).name == "bf16 dot");
    CHECK(limit_of(integer_path{}).name == "int8 dot");
}

} // namespace qeval::cpu
