// Finds numbers in written answers by lm-eval's two filters for GSM8K, and compares them as it does.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <qeval/eval/data/python_text.hpp>

namespace qeval {

namespace number_text {

constexpr bool digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool mark(char c) { return digit(c) || c == '.' || c == ','; }

} // namespace number_text

// The filter strict-match: the first match of "#### (\-?[0-9\.\,]+)".
[[nodiscard]] inline std::optional<std::string> marked_number(std::string_view text) {
    constexpr std::string_view lead = "#### ";
    for (std::size_t at = text.find(lead); at != text.npos; at = text.find(lead, at + 1)) {
        std::size_t const from = at + lead.size();
        std::size_t       end  = from < text.size() && text[from] == '-' ? from + 1 : from;
        std::size_t const body = end;
        while (end < text.size() && number_text::mark(text[end])) ++end;
        if (end > body) return std::string(text.substr(from, end - from));
    }
    return std::nullopt;
}

// The filter flexible-extract: the last match of "(-?[$0-9.,]{2,})|(-?[0-9]+)".
[[nodiscard]] inline std::optional<std::string> last_number(std::string_view text) {
    std::optional<std::string> last;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const body = text[at] == '-' ? at + 1 : at;
        std::size_t       wide = body, plain = body;
        while (wide < text.size() && (number_text::mark(text[wide]) || text[wide] == '$')) ++wide;
        while (plain < text.size() && number_text::digit(text[plain])) ++plain;
        std::size_t const end = wide - body >= 2 ? wide : plain;
        if (end > body) {
            last = std::string(stripped(text.substr(at, end - at)));
            at   = end;
        } else {
            ++at;
        }
    }
    return last;
}

// The text that is compared: in lower case, without commas, dollar signs, anything up to the last "#### ", and a full
// stop at the end.
[[nodiscard]] inline std::string comparable_number(std::string_view text) {
    std::string s = replaced(replaced(std::string(text), ",", ""), "$", "");
    if (auto const mark = s.rfind("#### "); mark != s.npos) s.erase(0, mark + 5);
    // In Python "\.$" matches before a line break at the end, too.
    std::size_t const end = s.ends_with('\n') ? s.size() - 1 : s.size();
    if (end > 0 && s[end - 1] == '.') s.erase(end - 1, 1);
    for (char& c : s)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return s;
}

} // namespace qeval
