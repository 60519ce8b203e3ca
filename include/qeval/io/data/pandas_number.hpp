// Numbers as pandas.read_csv reads them from a cell, which is not as a compiler does: the digits behind the seventeenth
// are lost, and what is left is rounded at every digit and once more by a power of ten, so that 17 digits do not
// always give the nearest float. (pandas 2.3, _libs/src/parser/tokenizer.c: str_to_int64, str_to_uint64,
// precise_xstrtod.)
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace qeval::pandas {

inline constexpr std::string_view spaces = " \t\n\v\f\r";

[[nodiscard]] constexpr std::string_view trimmed(std::string_view cell) {
    auto const first = cell.find_first_not_of(spaces);
    return first == cell.npos ? std::string_view() : cell.substr(first, cell.find_last_not_of(spaces) - first + 1);
}

enum class integer_fault { none, no_integer, overflow };

// A sign, digits, and white space around them. `Integer`: std::int64_t, or std::uint64_t, of which a negative one is
// none.
template <class Integer>
struct integer_read {
    Integer       value = 0;
    integer_fault fault = integer_fault::none;
};
template <class Integer>
[[nodiscard]] integer_read<Integer> read_integer(std::string_view cell) {
    cell.remove_prefix(std::min(cell.find_first_not_of(spaces), cell.size()));
    bool const negative = cell.starts_with('-');
    if (negative || cell.starts_with('+')) cell.remove_prefix(1);
    std::size_t const     end    = std::min(cell.find_first_not_of("0123456789"), cell.size());
    std::string const     digits = (negative ? "-" : "") + std::string(cell.substr(0, end));
    integer_read<Integer> read;
    auto const            result = std::from_chars(digits.data(), digits.data() + digits.size(), read.value);
    if (end == 0)
        read.fault = integer_fault::no_integer;
    else if (result.ec == std::errc::result_out_of_range) // before what follows is looked at
        read.fault = integer_fault::overflow;
    else if (result.ec != std::errc() || !trimmed(cell.substr(end)).empty())
        read.fault = integer_fault::no_integer;
    return read;
}

// 10^n for n up to 308, each the nearest float.
[[nodiscard]] inline double power_of_ten(std::int64_t n) {
    static std::array<double, 309> const table = [] {
        std::array<double, 309> all{};
        for (std::size_t i = 0; i < all.size(); ++i) {
            std::string const text = "1e" + std::to_string(i);
            std::from_chars(text.data(), text.data() + text.size(), all[i]);
        }
        return all;
    }();
    return table[static_cast<std::size_t>(n)];
}

// Nothing where the cell is no number, or one beyond the largest float.
[[nodiscard]] inline std::optional<double> read_float(std::string_view cell) {
    constexpr int          most_digits = 17;
    std::string_view const text        = trimmed(cell);
    std::size_t            at          = 0;
    auto const is       = [&](std::string_view any) { return at < text.size() && any.find(text[at]) != any.npos; };
    auto const is_digit = [&] { return is("0123456789"); };
    auto const sign     = [&] {
        bool const negative = is("-");
        at += is("+-");
        return negative;
    };
    bool const   negative = sign();
    double       number   = 0;
    int          digits   = 0;
    std::int64_t exponent = 0;
    for (; is_digit(); ++at) {
        if (digits < most_digits)
            number = number * 10 + (text[at] - '0'), ++digits;
        else
            ++exponent;
    }
    if (is(".")) {
        for (++at; is_digit(); ++at) {
            if (digits < most_digits) number = number * 10 + (text[at] - '0'), ++digits, --exponent;
        }
    }
    if (digits == 0) return std::nullopt;
    if (negative) number = -number;
    if (is("eE")) {
        ++at;
        bool const   down = sign();
        std::int64_t n    = 0;
        int          read = 0;
        for (; is_digit() && read < most_digits; ++at, ++read) n = n * 10 + (text[at] - '0');
        if (read == 0) return std::nullopt;
        exponent += down ? -n : n; // pandas has 32 bits, and crashes where they are too few
    }
    if (at != text.size() || exponent > 308) return std::nullopt;
    if (exponent > 0)
        number *= power_of_ten(exponent);
    else if (exponent >= -308)
        number /= power_of_ten(-exponent);
    else
        number = exponent < -616 ? 0 : number / power_of_ten(-308 - exponent) / power_of_ten(308);
    return std::isinf(number) ? std::nullopt : std::optional(number);
}

// As C's strcasecmp compares; `word` is in small letters.
[[nodiscard]] constexpr bool is_word(std::string_view cell, std::string_view word) {
    if (cell.size() != word.size()) return false;
    for (std::size_t i = 0; i < cell.size(); ++i) {
        char const c = cell[i] >= 'A' && cell[i] <= 'Z' ? static_cast<char>(cell[i] - 'A' + 'a') : cell[i];
        if (c != word[i]) return false;
    }
    return true;
}
// A float, or a word for infinity.
[[nodiscard]] inline std::optional<double> read_float_or_infinity(std::string_view cell) {
    if (auto const number = read_float(cell)) return number;
    for (std::string_view const word : {"inf", "+inf", "infinity", "+infinity"})
        if (is_word(cell, word)) return std::numeric_limits<double>::infinity();
    for (std::string_view const word : {"-inf", "-infinity"})
        if (is_word(cell, word)) return -std::numeric_limits<double>::infinity();
    return std::nullopt;
}

} // namespace qeval::pandas
