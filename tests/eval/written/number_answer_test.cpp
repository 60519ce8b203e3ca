// Against lm-eval's RegexFilter and exact_match (0.4.9) on the same strings.
#include <tests/support/catch.hpp>

#include <qeval/eval/written/number_answer.hpp>

TEST_CASE("the strict filter takes the first number behind four hash signs") {
    CHECK(qeval::marked_number("so 3+4 = 7\n#### 7") == "7");
    CHECK(qeval::marked_number("#### -1,234.50 apples #### 8") == "-1,234.50");
    CHECK(qeval::marked_number("#### $5 or #### 6.") == "6.");
    CHECK(qeval::marked_number("####7") == std::nullopt);
    CHECK(qeval::marked_number("#### -") == std::nullopt);
    CHECK(qeval::marked_number("") == std::nullopt);
}
TEST_CASE("the flexible filter takes the last number, with signs, marks and dollars") {
    CHECK(qeval::last_number("it is $12.50, not -3") == "-3");
    CHECK(qeval::last_number("costs $12.50.") == "$12.50.");
    CHECK(qeval::last_number("5 apples") == "5");
    CHECK(qeval::last_number("5, 6") == "6");
    CHECK(qeval::last_number("5,") == "5,");
    CHECK(qeval::last_number("a-b") == std::nullopt);
    CHECK(qeval::last_number("1-2") == "-2");
}
TEST_CASE("compared are numbers without commas, dollars and a last full stop") {
    CHECK(qeval::comparable_number("1,234") == "1234");
    CHECK(qeval::comparable_number("$12.50.") == "12.50");
    CHECK(qeval::comparable_number("text\n#### 1,000") == "1000");
    CHECK(qeval::comparable_number("[invalid]") == "[invalid]");
}
