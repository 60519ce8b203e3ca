// What the compiler proves about level tables decides which decoder a kernel takes.
#include <cmath>

#include <examples/bell4/bell4.hpp>
#include <tests/support/catch.hpp>

#include <qeval/core/minifloat.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/policy/fit.hpp>
#include <qeval/format/policy/levels.hpp>

namespace {

using namespace qeval;

template <class L>
constexpr bool facts_are(float unit, int lowest, int highest, bool integer, bool affine) {
    auto const& f = facts_of<L>;
    return f.unit == unit && (unit == 0 || (f.lowest == lowest && f.highest == highest)) && f.integer == integer &&
           f.affine == affine;
}
static_assert(facts_are<integers<4, 8>>(1, -8, 7, true, true));
static_assert(facts_are<integers<6, 32>>(1, -32, 31, true, true));
static_assert(facts_are<twos_complement<8>>(1, -128, 127, true, false)); // codes wrap at the middle
static_assert(facts_are<minifloats<e2m1>>(0.5f, -12, 12, true, false));
static_assert(facts_are<levels<bell>>(1, -127, 127, true, false));
static_assert(facts_are<levels<nf4_levels>>(0, 0, 0, false, false));
static_assert(facts_are<minifloats<e4m3>>(0, 0, 0, false, false)); // has NaN
static_assert(facts_are<minifloats<e2m3>>(0.125f, -60, 60, true, false));
static_assert(facts_are<minifloats<e3m2>>(0.0625f, -448, 448, false, false)); // too wide for a byte
static_assert(facts_are<fixed_point<8, 6>>(1.0f / 64, -128, 127, true, false));
static_assert(largest_level<minifloats<e5m2>> == 57344); // not infinity

TEST_CASE("the nearest code is the one a search over all levels finds, the lower one on a midpoint") {
    auto const check = []<class L>(L) {
        for (int i = -4000; i <= 4000; ++i) {
            float const x    = static_cast<float>(i) * largest_level<L> / 3000.0f;
            float       best = INFINITY, chosen = 0;
            for (unsigned c = 0; c < unsigned(L::codes); ++c) {
                float const v = L::value(c), d = std::fabs(v - x);
                if (d < best || (d == best && v < chosen)) best = d, chosen = v;
            }
            float const found = L::value(nearest_code<L>(x));
            // on a midpoint that is no float both neighbours are as near as can be told
            CHECK((found == chosen || std::fabs(std::fabs(found - x) - best) <= 1e-6f * std::fabs(x)));
        }
        float top = 0;
        for (unsigned c = 0; c < unsigned(L::codes); ++c) top = std::fmax(top, L::value(c)); // passes over NaN
        CHECK(L::value(nearest_code<L>(INFINITY)) == top);
        CHECK(L::value(nearest_code<L>(NAN)) == L::value(nearest_code<L>(-INFINITY))); // some code, always the same
    };
    check(levels<bell>{});
    check(levels<nf4_levels>{});
    check(integers<4, 8>{});
    check(minifloats<e2m1>{});
    check(minifloats<e4m3>{});
}

TEST_CASE("a code book keeps its values to the bit") {
    CHECK(levels<nf4_levels>::value(7) == 0.0f);
    CHECK(levels<nf4_levels>::value(15) == 1.0f);
    CHECK(levels<nf4_levels>::value(1) == -0.6961928009986877f);
    CHECK(levels<bell>::value(0) == -127.0f);
    CHECK(twos_complement<8>::value(0x80) == -128.0f);
    CHECK(twos_complement<8>::value(0xff) == -1.0f);
}

} // namespace
