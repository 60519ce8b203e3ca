// Cells as programs see them that read a CSV with pandas.read_csv and print them with str.format(): two protocols of
// the field do, and their prompts carry the marks. A column of numbers is printed as Python prints numbers ("0.50"
// becomes "0.5", and "4" becomes "4.0" where another cell of the column has a point), and cells that say "None" or "NA"
// become "nan". (pandas >= 2.0, pandas/io/parsers; "None" is such a word since 2.0.)
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <qeval/io/data/csv.hpp>

namespace qeval {

[[nodiscard]] inline bool is_pandas_na(std::string_view cell) {
    constexpr std::array<std::string_view, 19> words = {
        "",     "#N/A", "#N/A N/A", "#NA",  "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
        "<NA>", "N/A",  "NA",       "NULL", "NaN",     "None",     "n/a",  "nan",  "null"};
    return std::find(words.begin(), words.end(), cell) != words.end();
}

// repr() of a Python float: the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on.
[[nodiscard]] inline std::string python_float(double x) {
    if (std::isnan(x)) return "nan";
    if (std::isinf(x)) return x > 0 ? "inf" : "-inf";
    char       text[64];
    auto const digits = [&](std::chars_format form) {
        return std::string(text, std::to_chars(text, text + sizeof text, x, form).ptr);
    };
    double const size = std::fabs(x);
    if (size != 0 && (size < 1e-4 || size >= 1e16)) return digits(std::chars_format::scientific);
    std::string s = digits(std::chars_format::fixed);
    return s.find('.') == s.npos ? s + ".0" : s;
}

namespace pandas_column {

[[nodiscard]] inline std::string_view trimmed(std::string_view cell) {
    auto const space = " \t\n\v\f\r";
    auto const first = cell.find_first_not_of(space);
    return first == cell.npos ? std::string_view() : cell.substr(first, cell.find_last_not_of(space) - first + 1);
}
[[nodiscard]] inline std::optional<std::int64_t> whole_number(std::string_view cell) {
    cell = trimmed(cell);
    if (cell.substr(0, 1) == "+") cell.remove_prefix(1);
    std::int64_t value    = 0;
    auto const [end, bad] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (cell.empty() || bad != std::errc() || end != cell.data() + cell.size()) return std::nullopt;
    return value;
}
[[nodiscard]] inline std::optional<double> number(std::string_view cell) {
    cell = trimmed(cell);
    if (cell.substr(0, 1) == "+") cell.remove_prefix(1);
    if (cell.empty()) return std::nullopt;
    double value          = 0;
    auto const [end, bad] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (bad != std::errc() || end != cell.data() + cell.size() || std::isnan(value)) return std::nullopt;
    return value;
}
// "true", "True" and "TRUE" alone make a column of truth values.
[[nodiscard]] inline std::optional<bool> truth(std::string_view cell) {
    if (cell == "True" || cell == "TRUE" || cell == "true") return true;
    if (cell == "False" || cell == "FALSE" || cell == "false") return false;
    return std::nullopt;
}

} // namespace pandas_column

// Column `c` of every row, replaced by what str() of pandas' cell gives.
inline void print_column_as_pandas(std::vector<csv_row>& rows, std::size_t c) {
    bool whole = true, numbers = true, truths = true, missing = false;
    for (csv_row const& row : rows) {
        std::string const& cell = row.fields[c];
        if (is_pandas_na(cell)) {
            missing = true;
            continue;
        }
        whole   = whole && pandas_column::whole_number(cell).has_value();
        numbers = numbers && (pandas_column::whole_number(cell) || pandas_column::number(cell));
        truths  = truths && pandas_column::truth(cell).has_value();
    }
    for (csv_row& row : rows) {
        std::string& cell = row.fields[c];
        if (is_pandas_na(cell)) {
            cell = "nan";
        } else if (whole && !missing) {
            cell = std::to_string(*pandas_column::whole_number(cell));
        } else if (numbers) {
            cell = python_float(*pandas_column::number(cell));
        } else if (truths) {
            cell = *pandas_column::truth(cell) ? "True" : "False";
        }
    }
}

} // namespace qeval
