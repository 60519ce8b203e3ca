// White space as Python's str methods define it. What is written in Python, as chat templates and protocols are, goes
// by it.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace qeval {

namespace python_space {

// U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F, U+3000
inline constexpr std::array<std::string_view, 19> wide = {
    "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
    "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
    "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};
constexpr bool narrow(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= '\x1c' && c <= '\x1f'); }

// How many bytes the white space character has that begins (first_of) or ends (last_of) the text; 0: there is none.
[[nodiscard]] constexpr std::size_t first_of(std::string_view text) {
    if (!text.empty() && narrow(text.front())) return 1;
    for (auto const s : wide)
        if (text.starts_with(s)) return s.size();
    return 0;
}
[[nodiscard]] constexpr std::size_t last_of(std::string_view text) {
    if (!text.empty() && narrow(text.back())) return 1;
    for (auto const s : wide)
        if (text.ends_with(s)) return s.size();
    return 0;
}

} // namespace python_space

// How many bytes of white space end a UTF-8 text.
[[nodiscard]] constexpr std::size_t trailing_space(std::string_view text) {
    std::size_t const size = text.size();
    while (std::size_t const n = python_space::last_of(text)) text.remove_suffix(n);
    return size - text.size();
}

// str.strip()
[[nodiscard]] constexpr std::string_view stripped(std::string_view text) {
    while (std::size_t const n = python_space::first_of(text)) text.remove_prefix(n);
    text.remove_suffix(trailing_space(text));
    return text;
}

} // namespace qeval
