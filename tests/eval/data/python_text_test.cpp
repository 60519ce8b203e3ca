// What Python's own str methods give (python3.11).
#include <string>

#include <tests/support/catch.hpp>

#include <qeval/eval/data/python_text.hpp>

TEST_CASE("split by runs of white space counts empty parts at the ends") {
    CHECK(qeval::space_separated_parts("a b\n\nc") == 3);
    CHECK(qeval::space_separated_parts(" a ") == 3);
    CHECK(qeval::space_separated_parts("") == 1);
    CHECK(qeval::space_separated_parts(" ") == 2);
}
TEST_CASE("replace() goes from left to right and does not look at what it wrote") {
    CHECK(qeval::replaced("aaa", "aa", "b") == "ba");
    CHECK(qeval::replaced(" . . ", " . ", ". ") == ". . ");
    CHECK(qeval::replaced("x", "x", "xx") == "xx");
}
