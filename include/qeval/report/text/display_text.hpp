// Text as a terminal shows it: its width, and where it may be broken.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

// Columns on a terminal: code points, of which ours are all one column wide.
[[nodiscard]] inline std::size_t display_width(std::string_view s) {
    return static_cast<std::size_t>(
        std::count_if(s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}
[[nodiscard]] inline std::size_t widest(std::vector<std::string> const& lines) {
    std::size_t w = 0;
    for (auto const& l : lines) w = std::max(w, display_width(l));
    return w;
}

// The first `width` code points, the last of them an ellipsis where something is left out.
[[nodiscard]] inline std::string shortened(std::string_view s, std::size_t width) {
    if (display_width(s) <= width) return std::string(s);
    std::string out;
    std::size_t seen = 0;
    for (char const c : s) {
        if ((static_cast<unsigned char>(c) & 0xc0) != 0x80 && ++seen >= width) break;
        out += c;
    }
    return out + "…";
}

// Lines no wider than `width` where the text has a place to break; after a character of `after`, which stays.
[[nodiscard]] inline std::vector<std::string> broken(std::string_view s, std::size_t width, std::string_view after) {
    std::vector<std::string> lines(1);
    auto const without_spaces = [](std::string line) { return line.erase(line.find_last_not_of(' ') + 1); };
    while (!s.empty()) {
        std::size_t const end   = s.find_first_of(after);
        auto const        piece = s.substr(0, end == s.npos ? end : end + 1);
        s.remove_prefix(piece.size());
        std::string longer = lines.back();
        longer.append(piece);
        if (!lines.back().empty() && display_width(without_spaces(longer)) > width) longer = lines.emplace_back(piece);
        lines.back() = longer;
    }
    for (auto& l : lines) l = without_spaces(l);
    return lines;
}
// A title over narrower cells: "multiple_" / "choice %".
[[nodiscard]] inline std::vector<std::string> stacked(std::string_view title, std::size_t width) {
    std::size_t longest = width; // no piece is cut
    for (auto const& piece : broken(title, 0, " _:")) longest = std::max(longest, display_width(piece));
    return broken(title, longest, " _:");
}

// One line that moves no cursor: names come from files, which are not ours.
[[nodiscard]] inline std::string without_controls(std::string s) {
    for (char& c : s) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    return s;
}

// A cell of a Markdown table has no bar of its own.
[[nodiscard]] inline std::string markdown_cell(std::string_view s) {
    std::string out;
    for (char const c : s) {
        if (c == '|') out += '\\';
        out += c;
    }
    return out;
}

} // namespace qeval
