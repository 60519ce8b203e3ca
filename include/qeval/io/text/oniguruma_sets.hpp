// Oniguruma 6.9.8's sets of code points, as members of a PCRE2 class; tests compare them for every code point.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>

namespace qeval::oniguruma {

inline constexpr std::string_view space = R"(\t-\r\x{20}\x{85}\p{Z})";
inline constexpr std::string_view not_space =
    R"(\x{0}-\x{8}\x{e}-\x{1f}\x{21}-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027})"
    R"(\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff})";
inline constexpr std::string_view hex_digit = "0-9a-fA-F";
inline constexpr std::string_view word      = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc})"; // \w inside [...]
// Outside of [...], and for \b, a table of Latin-1 adds superscripts and fractions to \w.
inline constexpr std::string_view lone_word = R"(\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{b2}\x{b3}\x{b9}\x{bc}-\x{be})";

// The members of the class [:name:], or nothing where there is no such class.
[[nodiscard]] constexpr std::optional<std::string_view> posix_class(std::string_view name) {
    struct named {
        std::string_view name, members;
    };
    constexpr named all[] = {{"alpha", R"(\p{Alphabetic})"},
                             {"upper", R"(\p{Uppercase})"},
                             {"lower", R"(\p{Lowercase})"},
                             {"alnum", R"(\p{Alphabetic}\p{Nd})"},
                             {"digit", R"(\p{Nd})"},
                             {"punct", R"(\p{P})"},
                             {"space", space},
                             {"blank", R"(\t\p{Zs})"},
                             {"cntrl", R"(\p{Cc})"},
                             {"xdigit", hex_digit},
                             {"word", word},
                             {"ascii", R"(\x{0}-\x{7f})"}};
    auto const*     found = std::ranges::find(all, name, &named::name);
    return found == std::end(all) ? std::nullopt : std::optional(found->members);
}

} // namespace qeval::oniguruma
