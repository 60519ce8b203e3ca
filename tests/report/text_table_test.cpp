#include <tests/support/catch.hpp>

#include <qeval/report/text.hpp>
#include <qeval/report/text_table.hpp>

TEST_CASE("columns line up by what a terminal shows, not by bytes") {
    qeval::text_table table({{"name", true}, {"value", false}});
    table.add({"a", "1.0 ±0.1"});
    table.add({"longer", "22"}, true);
    CHECK(table.terminal(false) == " name       value\n"
                                   " ────────────────\n"
                                   " a       1.0 ±0.1\n"
                                   " longer        22\n");
    CHECK_THAT(table.terminal(true), Catch::Contains("\x1b[1m longer        22\x1b[0m"));
    CHECK(table.markdown() == "| name | value |\n|:---|---:|\n| a | 1.0 ±0.1 |\n| longer | 22 |\n");
}

TEST_CASE("a value is printed to two digits of its error") {
    CHECK(qeval::with_error({12.3456, 0.123}) == "12.35 ±0.12");
    CHECK(qeval::with_error({0.8125, 0.0195}, 100) == "81.2 ±1.9");
    CHECK(qeval::with_error({412.7, 35}) == "413 ±35");
    CHECK(qeval::with_error({}) == "-");
    CHECK(qeval::p_value(0.0004) == "<.001");
    CHECK(qeval::bytes_text(10498464) == "10.01 MiB");
}
