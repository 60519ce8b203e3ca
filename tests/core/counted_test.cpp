#include <tests/support/catch.hpp>

#include <qeval/core/counted.hpp>

TEST_CASE("one thing is not counted as many") {
    CHECK(qeval::counted(1, "items") == "1 item");
    CHECK(qeval::counted(0, "items") == "0 items");
    CHECK(qeval::counted(2u, "items") == "2 items");
    CHECK(qeval::counted(1L, "matrices", "matrix") == "1 matrix");
    CHECK(qeval::counted(-1, "matrices", "matrix") == "-1 matrices");
}
