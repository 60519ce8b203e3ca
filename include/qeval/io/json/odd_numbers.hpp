// Numbers in JSON texts that writers make and parsers refuse: NaN, Infinity and -Infinity, as Python spells them, and
// numbers larger than any double.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

struct odd_number {
    std::size_t begin = 0; // where in the text it stands
    std::string spelled;

    [[nodiscard]] std::size_t end() const { return begin + spelled.size(); }
};

namespace detail {

// -?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?
inline bool is_json_number(std::string_view s) {
    std::size_t at     = 0;
    auto const  take   = [&](std::string_view any) { return at < s.size() && any.find(s[at]) != any.npos && ++at > 0; };
    auto const  digits = [&] {
        std::size_t const first = at;
        while (take("0123456789")) {}
        return at - first;
    };
    take("-");
    bool const zero = at < s.size() && s[at] == '0';
    auto const n    = digits();
    if (n == 0 || (zero && n > 1)) return false;
    if (take(".") && digits() == 0) return false;
    if (take("eE") && (take("+-"), digits() == 0)) return false;
    return at == s.size();
}
inline bool is_odd_number(std::string const& s) {
    if (s == "NaN" || s == "Infinity" || s == "-Infinity") return true;
    return is_json_number(s) && !std::isfinite(std::strtod(s.c_str(), nullptr));
}

} // namespace detail

// All of them outside of strings, in order.
[[nodiscard]] inline std::vector<odd_number> odd_numbers_in(std::string_view text) {
    constexpr std::string_view letters = "-+.0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    std::vector<odd_number>    found;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] == '"') {
            for (++at; at < text.size() && text[at] != '"'; ++at) at += text[at] == '\\';
            ++at;
            continue;
        }
        std::size_t const end = std::min(text.find_first_not_of(letters, at), text.size());
        if (end > at + 2) {
            std::string word(text.substr(at, end - at));
            if (detail::is_odd_number(word)) found.push_back({at, std::move(word)});
        }
        at = end > at ? end : at + 1;
    }
    return found;
}

// The text with a plain number of the same length in the place of each.
[[nodiscard]] inline std::string without_odd_numbers(std::string_view text, std::vector<odd_number> const& odd) {
    std::string plain(text);
    for (auto const& n : odd) plain.replace(n.begin, n.spelled.size(), "1." + std::string(n.spelled.size() - 2, '0'));
    return plain;
}

} // namespace qeval
