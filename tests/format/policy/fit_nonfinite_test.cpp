// Fits of weights that are NaN or infinite: codes inside the table and defined conversions only, which builds with
// -fsanitize=float-cast-overflow prove.
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/format/catalog/fp4.hpp>
#include <qeval/format/catalog/fp8.hpp>
#include <qeval/format/catalog/int8.hpp>
#include <qeval/format/catalog/integers.hpp>
#include <qeval/format/catalog/llm_int8.hpp>
#include <qeval/format/catalog/mxfp6.hpp>
#include <qeval/format/catalog/mxint8.hpp>
#include <qeval/format/catalog/ternary.hpp>
#include <qeval/format/lane.hpp>
#include <qeval/format/policy/fit.hpp>
#include <qeval/format/policy/integer_fit.hpp>
#include <qeval/format/traits.hpp>

namespace {

using namespace qeval;

std::vector<float> group_with(std::vector<float> const& bad) {
    std::vector<float> w(32);
    for (std::size_t i = 0; i < 32; ++i) w[i] = 0.01f * (static_cast<float>(i) - 15.5f);
    for (std::size_t i = 0; i < bad.size(); ++i) w[7 * i] = bad[i];
    return w;
}

// The code as encoders store it: a float's integer, the low byte of it.
int stored(unsigned code) { return int{to_byte(static_cast<float>(code))}; }
int stored(float code) { return int{to_byte(code)}; }

template <class Fit, class Levels>
void check() {
    constexpr float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN(),
                    top = 3e38f, least = 1e-45f;
    for (auto const& bad : std::vector<std::vector<float>>{
             {nan}, {inf}, {-inf}, {nan, inf, -inf}, {top, -top}, {least}, {nan, nan, nan, nan, nan}}) {
        auto const   w    = group_with(bad);
        affine const a    = Fit::template measure<Levels>(std::span(w));
        auto const   code = Fit::template encoder<Levels>(a, a);
        for (float x : w) CHECK(stored(code(x)) < Levels::codes);
    }
    for (float bad : {nan, inf, -inf}) { // all of it
        std::vector<float> const w(32, bad);
        affine const             a    = Fit::template measure<Levels>(std::span(w));
        auto const               code = Fit::template encoder<Levels>(a, a);
        for (float x : w) CHECK(stored(code(x)) < Levels::codes);
        CHECK((a.zero >= 0 && a.zero < float(Levels::codes))); // stored as an integer
    }
}

TEST_CASE("no weight leads a fit out of its code book") {
    check<fit::absmax, levels<nf4_levels>>();
    check<fit::absmax_reciprocal, levels<nf4_levels>>();
    check<fit::absmax_round_even, twos_complement<8>>();
    check<fit::absmax_round_even, integers<4, 8>>();
    check<fit::symmetric_range, integers<3, 4>>();
    check<fit::min_max_zero_point, integers<4>>();
    check<fit::zero_in_range, integers<4>>();
    check<fit::f16_absmax_over_127, twos_complement<8>>();
    check<fit::absmean, integers<2, 1>>();
    check<fit::shared_exponent<e2m3>, minifloats<e2m3>>();
    check<fit::shared_exponent<int8_in_64ths>, fixed_point<8, 6>>();
    check<fit::absmax_element<e4m3>, minifloats<e4m3>>();
    check<fit::absmax_element<e5m2>, minifloats<e5m2>>();
    check<fit::absmax_round_away, twos_complement<8>>();
    check<fit::extreme_on_lowest, integers<5, 16>>();
    check<fit::min_max, integers<4>>();
}

TEST_CASE("an MX block with a weight that is no number is no number") {
    for (float bad : {INFINITY, -INFINITY, NAN}) {
        auto const             w = group_with({bad});
        mxfp6_e2m3::block_type b;
        qeval::encode<mxfp6_e2m3>(std::span<float const, 32>(w), b);
        CHECK(b.scales[0].code == 255);
        CHECK(std::isnan(qeval::decode<mxfp6_e2m3>(b, 3)));
    }
}

TEST_CASE("floats become integers as x86 converts them") {
    CHECK(truncated(3.99f) == 3);
    CHECK(truncated(-3.99f) == -3);
    CHECK(truncated(0x1.fffffep30f) == 0x1.fffffep30f);
    for (float none : {0x1p31f, -0x1p31f, -0x1.000002p31f, 3e38f, INFINITY, -INFINITY, NAN})
        CHECK(truncated(none) == -0x1p31f);
}

} // namespace
