// Cells as programs see them that read a CSV with pandas.read_csv and print them with str.format(): two protocols of
// the field do, and their prompts carry the marks. A column of numbers is printed as Python prints numbers ("0.50"
// becomes "0.5", and "4" becomes "4.0" where another cell of the column has a point), and cells that say "None" or "NA"
// become "nan". (pandas 2.0 to 2.3, _libs/parsers.pyx: _convert_tokens; "None" is such a word since 2.0.)
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <qeval/io/data/csv.hpp>
#include <qeval/io/data/pandas_number.hpp>

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

namespace pandas {

// What read_csv makes of a column; it tries integers, floats and truth values in this order, and keeps texts else.
class column_reader {
public:
    column_reader(std::vector<csv_row>& rows, std::size_t c) : rows_(&rows), c_(c) {
        for (csv_row const& row : rows) missing_ = missing_ || is_pandas_na(row.fields[c]);
    }
    // Replaces every cell by what str() of pandas' cell gives.
    void print() {
        switch (read_integers<std::int64_t>()) {
        case integer_fault::none: // pandas marks missing cells with the smallest integer
            return missing_ ? each([](std::string_view cell) {
                auto const x = read_integer<std::int64_t>(cell).value;
                return x == std::numeric_limits<std::int64_t>::min() ? "nan" : python_float(static_cast<double>(x));
            })
                            : each([](std::string_view cell) {
                                  return std::to_string(read_integer<std::int64_t>(cell).value);
                              });
        case integer_fault::overflow:
            if (print_large()) return;
            break;
        case integer_fault::no_integer:
            break;
        }
        if (all([](std::string_view cell) { return read_float_or_infinity(cell).has_value(); }))
            return each([](std::string_view cell) { return python_float(*read_float_or_infinity(cell)); });
        if (all([](std::string_view cell) { return is_word(cell, "true") || is_word(cell, "false"); }))
            return each([](std::string_view cell) { return std::string(is_word(cell, "true") ? "True" : "False"); });
        each([](std::string_view cell) { return std::string(cell); });
    }

private:
    // The fault of the first cell that has one. Of unsigned integers pandas takes everything behind a minus for 0.
    template <class Integer>
    [[nodiscard]] integer_fault read_integers() const {
        for (csv_row const& row : *rows_) {
            std::string const& cell = row.fields[c_];
            if (is_pandas_na(cell) || (std::is_unsigned_v<Integer> && has_minus(cell))) continue;
            if (auto const fault = read_integer<Integer>(cell).fault; fault != integer_fault::none) return fault;
        }
        return integer_fault::none;
    }
    // Of a column with an integer that has no 64 bits with a sign: whether it is now as pandas has it. Without another
    // kind of cell, one of 64 bits without a sign makes all of them such, unless some are negative or missing: then
    // even missing cells stay as they are written.
    bool print_large() {
        switch (read_integers<std::uint64_t>()) {
        case integer_fault::no_integer:
            return false;
        case integer_fault::overflow:
            each([](std::string_view cell) { return std::string(cell); });
            return true;
        case integer_fault::none:
            break;
        }
        bool large = false, negative = false;
        for (csv_row const& row : *rows_) {
            std::string const& cell = row.fields[c_];
            if (is_pandas_na(cell)) continue;
            negative = negative || has_minus(cell);
            large    = large || (!has_minus(cell) && read_integer<std::uint64_t>(cell).value >
                                                      std::uint64_t(std::numeric_limits<std::int64_t>::max()));
        }
        if (large && (negative || missing_)) return true;
        if (negative)
            each([](std::string_view cell) { return std::string(cell); });
        else
            each([](std::string_view cell) { return std::to_string(read_integer<std::uint64_t>(cell).value); });
        return true;
    }
    [[nodiscard]] static bool has_minus(std::string_view cell) { return trimmed(cell).starts_with('-'); }

    template <class F> // of a cell that is not missing
    [[nodiscard]] bool all(F const& holds) const {
        return std::ranges::all_of(
            *rows_, [&](csv_row const& row) { return is_pandas_na(row.fields[c_]) || holds(row.fields[c_]); });
    }
    template <class F>
    void each(F const& printed) {
        for (csv_row& row : *rows_) row.fields[c_] = is_pandas_na(row.fields[c_]) ? "nan" : printed(row.fields[c_]);
    }

    std::vector<csv_row>* rows_;
    std::size_t           c_;
    bool                  missing_ = false;
};

} // namespace pandas

// Column `c` of every row, replaced by what str() of pandas' cell gives.
inline void print_column_as_pandas(std::vector<csv_row>& rows, std::size_t c) {
    pandas::column_reader(rows, c).print();
}

} // namespace qeval
