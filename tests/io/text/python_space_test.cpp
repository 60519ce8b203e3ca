// What Python's own str.strip gives (python3.11).
#include <tests/support/catch.hpp>

#include <qeval/io/text/python_space.hpp>

TEST_CASE("strip() takes ASCII and Unicode white space from both ends, and nothing else") {
    CHECK(qeval::stripped(" \t\n\v\f\r\x1c\x1f a b \xc2\xa0\xe3\x80\x80\xe2\x80\x8a") == "a b");
    CHECK(qeval::stripped("\xe2\x80\x8b"
                          "a") == "\xe2\x80\x8b"
                                  "a"); // zero width space is none
    CHECK(qeval::stripped(" \xc2\x85 ").empty());
    CHECK(qeval::stripped("").empty());
}
