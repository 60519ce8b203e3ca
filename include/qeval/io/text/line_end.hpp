// Where a line of a text ends with a letter or a digit: there words end, too, for most tokenizers.
#pragma once

#include <cstddef>
#include <string_view>

namespace qeval {

// Between a letter or digit of ASCII, text[at - 1], and the line break behind it, text[at].
[[nodiscard]] constexpr bool is_line_end(std::string_view text, std::size_t at) {
    if (at == 0 || at >= text.size() || text[at] != '\n') return false;
    char const c = text[at - 1];
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
// The first such place behind `from`; text.size() where there is none.
[[nodiscard]] constexpr std::size_t next_line_end(std::string_view text, std::size_t from) {
    for (std::size_t at = text.find('\n', from + 1); at < text.size(); at = text.find('\n', at + 1))
        if (is_line_end(text, at)) return at;
    return text.size();
}

} // namespace qeval
