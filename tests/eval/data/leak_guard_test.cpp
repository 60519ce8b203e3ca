// The guard against evaluating on calibration data.
#include <tests/support/catch.hpp>

#include <qeval/eval/data/leak_guard.hpp>

using qeval::used_data;

TEST_CASE("equal texts overlap whatever their names, equal names where a text is unknown") {
    constexpr auto calibration = used_data::role::calibration, evaluation = used_data::role::evaluation;
    auto const     leaks = [](used_data a, used_data b) { return qeval::leaks_of({a, b}).size(); };
    CHECK(leaks({calibration, "x.txt", "aa"}, {evaluation, "y.txt", "aa"}) == 1);
    CHECK(leaks({calibration, "x.txt", "aa"}, {evaluation, "x.txt", "bb"}) == 0);
    CHECK(leaks({calibration, "C:\\data\\wiki.test.raw", ""}, {evaluation, "data/wiki.test.raw", "bb"}) == 1);
    CHECK(leaks({calibration, "wiki.train.raw", ""}, {evaluation, "data/wiki.test.raw", "bb"}) == 0);
    CHECK(leaks({calibration, "x.txt", "aa"}, {calibration, "x.txt", "aa"}) == 0);
    CHECK(leaks({evaluation, "x.txt", "aa"}, {evaluation, "x.txt", "aa"}) == 0);
    auto const all =
        qeval::leaks_of({{evaluation, "a/t.txt", ""}, {calibration, "t.txt", ""}, {evaluation, "b/t.txt", ""}});
    REQUIRE(all.size() == 2);
    CHECK(all[0].find("calibrated on t.txt, which is evaluated as a/t.txt") == 0);
}
