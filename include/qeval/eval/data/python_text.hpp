// What Python's str methods make of a text. Prompts of protocols that are written in Python depend on it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <qeval/io/text/python_space.hpp>

namespace qeval {

// len(re.split(r"\s+", text)): the number of runs of white space, plus one.
[[nodiscard]] constexpr std::size_t space_separated_parts(std::string_view text) {
    std::size_t parts  = 1;
    bool        inside = false;
    while (!text.empty()) {
        std::size_t const n = python_space::first_of(text);
        parts += n > 0 && !inside;
        inside = n > 0;
        text.remove_prefix(std::max<std::size_t>(n, 1));
    }
    return parts;
}

// str.replace(from, to)
[[nodiscard]] inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

} // namespace qeval
