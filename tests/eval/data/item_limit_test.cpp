// Counts and shares of items, as lm-eval 0.4.13 takes them.
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <qeval/eval/data/item_limit.hpp>

using qeval::item_limit;

TEST_CASE("a share is rounded up in double arithmetic, as Python's math.ceil(n * x) is") {
    struct row {
        double       x;
        qeval::index n, used;
    };
    // python3 -c "import math; print([math.ceil(n * x) for x, n in ...])"
    std::vector<row> const rows = {{0.1, 2376, 238},  {0.1, 10, 1},    {0.1, 30, 3},      {0.07, 100, 8},
                                   {0.29, 100, 29},   {0.57, 100, 57}, {0.5, 5153, 2577}, {0.001, 164, 1},
                                   {0.999, 164, 164}, {0.3, 10, 3},    {1e-9, 14042, 1},  {0.6, 5, 3}};
    for (auto const& r : rows) {
        INFO(r.x << " of " << r.n);
        CHECK(item_limit::share(r.x).among(r.n) == r.used);
    }
}
TEST_CASE("a count keeps so many, nothing keeps all") {
    CHECK(item_limit(7).among(5) == 5);
    CHECK(item_limit(7).among(9) == 7);
    CHECK(item_limit().among(9) == 9);
    CHECK(item_limit(500).among(1000, 400) == 500); // a count may ask for more than the task's own number
    CHECK(item_limit().among(1000, 400) == 400);
    CHECK(item_limit::share(0.25).among(1000, 400) == 100);
    CHECK(item_limit().among(300, 400) == 300);
}
TEST_CASE("what is neither a count from 1 on nor a share is not read") {
    for (std::string const good : {"1", "12", "0.25", "1e2", "1.0", "0.999", "1000000"}) CHECK(item_limit::of(good));
    CHECK(item_limit::of("1e2")->among(1000) == 100);
    CHECK(item_limit::of("1.0")->among(1000) == 1); // as lm-eval's int(limit)
    for (std::string const bad :
         {"0", "-3", "-0.5", "0.0", "2.5", "nan", "inf", "1e99", "", " 3", "3 ", "3x", "all", "0x3", "-0"}) {
        INFO(bad);
        CHECK_FALSE(item_limit::of(bad));
    }
}
