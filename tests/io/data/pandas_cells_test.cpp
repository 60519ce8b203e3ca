// Against pandas 2.3.3 itself (each case was printed by "{}".format(pd.read_csv(...).iloc[row, column])).
// Also tests pandas_number.hpp.
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <qeval/io/data/pandas_cells.hpp>
#include <qeval/io/json/jsonl.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/data.hpp"

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
TEST_CASE(
    "columns of every kind are typed and printed as pandas does, from 2^63 on, with 17 digits and more, at 1e400") {
    char const* const more = std::getenv("QEVAL_PANDAS_CELLS"); // a longer file of make_pandas_cells.py
    auto const        file =
        more != nullptr ? std::filesystem::path(more) : qeval_test::source("tests/golden/pandas_cells.jsonl");
    std::size_t columns = 0, different = 0;
    qeval::for_each_jsonl_row(file, [&](std::size_t line, qeval::json_document const& row) {
        cells given, wanted;
        row.root()[0].for_each_element([&](std::size_t, qeval::json_value c) { given.push_back(c.string()); });
        row.root()[1].for_each_element([&](std::size_t, qeval::json_value c) { wanted.push_back(c.string()); });
        cells const found = column(given);
        ++columns;
        if (found == wanted) return;
        ++different;
        INFO("line " << line);
        CHECK(found == wanted);
    });
    CHECK(columns >= 500);
    CHECK(different == 0);
}
