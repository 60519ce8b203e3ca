#include <tests/support/catch.hpp>

#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>

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

TEST_CASE("a table that is too wide stacks its titles before it is parted") {
    qeval::text_table table({{"name", true}, {"multiple_choice %"}, {"flips", false, true}});
    table.add({"a", "65.8", "+1"});
    CHECK(table.terminal(false, 40) == " name  multiple_choice %  flips\n"
                                       " ──────────────────────────────\n"
                                       " a                  65.8     +1\n");
    CHECK(table.terminal(false, 24) == "       multiple_\n"
                                       " name   choice %  flips\n"
                                       " ──────────────────────\n"
                                       " a          65.8     +1\n");
    CHECK(table.parts(10).size() == 1); // joined columns go together
}

TEST_CASE("further columns go to tables that repeat the first one") {
    qeval::text_table table({{"name", true}, {"one"}, {"two"}, {"three"}});
    table.add({"a", "1", "2", "3"});
    CHECK(table.terminal(false, 16) == " name  one  two\n"
                                       " ──────────────\n"
                                       " a       1    2\n"
                                       "\n"
                                       " name  three\n"
                                       " ───────────\n"
                                       " a         3\n");
}

TEST_CASE("words of the last column go on below") {
    qeval::text_table table({{"name", true}, {"what", true}});
    table.add({"a", "some words that do not stand in one line of this"});
    CHECK(table.terminal(false, 36) == " name  what\n"
                                       " ───────────────────────────────────\n"
                                       " a     some words that do not stand\n"
                                       "       in one line of this\n");
}

TEST_CASE("a cell can neither move a terminal's cursor nor break a Markdown row") {
    qeval::text_table table({{"name", true}});
    table.add({"a\x1b[2J\nb|c"});
    CHECK(table.terminal(false).find('\x1b') == std::string::npos);
    CHECK(table.markdown() == "| name |\n|:---|\n| a [2J b\\|c |\n");
}

TEST_CASE("what is cut off has an ellipsis and whole characters") {
    CHECK(qeval::shortened("äöüß", 4) == "äöüß");
    CHECK(qeval::shortened("äöüßx", 4) == "äöü…");
}
