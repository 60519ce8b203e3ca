// Against pandas 2.3.3 itself (each case was printed by "{}".format(pd.read_csv(...).iloc[row, column])).
#include <string>
#include <vector>

#include <qeval/io/data/pandas_cells.hpp>

#include "tests/support/catch.hpp"

namespace {

std::vector<std::string> column(std::vector<std::string> const& cells) {
    std::vector<qeval::csv_row> rows;
    for (auto const& c : cells) rows.push_back({rows.size() + 1, {c}});
    qeval::print_column_as_pandas(rows, 0);
    std::vector<std::string> out;
    for (auto const& r : rows) out.push_back(r.fields[0]);
    return out;
}
using cells = std::vector<std::string>;

} // namespace

TEST_CASE("a column of whole numbers is printed as whole numbers, without signs and zeros in front") {
    CHECK(column({"4", "-17", "+3", "007", " 5 "}) == cells{"4", "-17", "3", "7", "5"});
}
TEST_CASE("one point in a column of numbers makes all of them floats") {
    CHECK(column({"4", "0.50", "1e3", "-0.0"}) == cells{"4.0", "0.5", "1000.0", "-0.0"});
    CHECK(column({"1e16", "123456789012345.5", "0.0001", "0.00001"}) ==
          cells{"1e+16", "123456789012345.5", "0.0001", "1e-05"});
}
TEST_CASE("a missing cell makes whole numbers floats and is printed as nan") {
    CHECK(column({"4", "None", "5"}) == cells{"4.0", "nan", "5.0"});
    CHECK(column({"NA", "N/A", ""}) == cells{"nan", "nan", "nan"});
}
TEST_CASE("one text in a column keeps every other cell as it is written, missing ones aside") {
    CHECK(column({"0.50", "five", "None", "4", " x "}) == cells{"0.50", "five", "nan", "4", " x "});
    CHECK(column({"none", "NONE", "No"}) == cells{"none", "NONE", "No"});
}
TEST_CASE("a column of truth values is printed in Python's spelling") {
    CHECK(column({"TRUE", "false", "True"}) == cells{"True", "False", "True"});
    CHECK(column({"TRUE", "maybe"}) == cells{"TRUE", "maybe"});
}
