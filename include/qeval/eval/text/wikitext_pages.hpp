// Cuts WikiText into pages, and restores plain text from its tokens, which stand between spaces, as lm-eval does.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/eval/data/python_text.hpp>

namespace qeval {

// A page begins with its title, " = Title = "; titles of sections have two or more equals signs. The lines of a page
// are joined by line breaks. (So does the loader of EleutherAI/wikitext_document_level.)
[[nodiscard]] inline std::vector<std::string> wikitext_pages(std::string_view text) {
    std::vector<std::string> pages;
    std::string              page;
    bool                     any    = false; // whether the page has a line
    auto const               titled = [](std::string_view line) {
        std::string const marks = replaced(replaced(std::string(line), "= = =", "==="), "= =", "==");
        auto const        words = stripped(marks);
        return words.starts_with("= ") && words.ends_with(" =");
    };
    for (bool more = true; more;) {
        std::size_t const      end  = text.find('\n');
        std::string_view const line = text.substr(0, end);
        more                        = end != text.npos;
        text                        = more ? text.substr(end + 1) : std::string_view();
        if (titled(line)) {
            if (!stripped(page).empty()) pages.push_back(std::move(page));
            page.clear();
            any = false;
        }
        if (any) page += '\n';
        page += line;
        any = true;
    }
    pages.push_back(std::move(page));
    return pages;
}

namespace detail {

// Removes white space behind the opening and before the closing mark of a pair: re.sub(r"\(\s*([^\)]*?)\s*\)",
// r"(\1)").
[[nodiscard]] inline std::string without_inner_space(std::string_view text, char open, char close) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const end = text[at] == open ? text.find(close, at + 1) : text.npos;
        if (end == text.npos) {
            out += text[at++];
            continue;
        }
        ((out += open) += stripped(text.substr(at + 1, end - at - 1))) += close;
        at = end + 1;
    }
    return out;
}

// One after the other.
[[nodiscard]] inline std::string
with_all_replaced(std::string s, std::initializer_list<std::pair<std::string_view, std::string_view>> changes) {
    for (auto const& [from, to] : changes) s = replaced(std::move(s), from, to);
    return s;
}

} // namespace detail

[[nodiscard]] inline std::string wikitext_detokenized(std::string_view page) {
    std::string s = replaced(std::string(page), "s '", "s'");
    // lm-eval replaces the digit by the pattern itself, "[0-9]".
    for (std::size_t at = s.find("/' "); at != s.npos; at = s.find("/' ", at + 1)) {
        if (at + 4 < s.size() && s[at + 3] >= '0' && s[at + 3] <= '9' && s[at + 4] == '/') s.replace(at, 5, "/'[0-9]/");
    }
    s = detail::with_all_replaced(std::move(s), {{" @-@ ", "-"},
                                                 {" @,@ ", ","},
                                                 {" @.@ ", "."},
                                                 {" : ", ": "},
                                                 {" ; ", "; "},
                                                 {" . ", ". "},
                                                 {" ! ", "! "},
                                                 {" ? ", "? "},
                                                 {" , ", ", "}});
    for (auto const& [open, close] : {std::pair{'(', ')'}, {'[', ']'}, {'{', '}'}, {'"', '"'}, {'\'', '\''}})
        s = detail::without_inner_space(s, open, close);
    return detail::with_all_replaced(std::move(s), {{"= = = =", "===="},
                                                    {"= = =", "==="},
                                                    {"= =", "=="},
                                                    {" \xc2\xb0 ", "\xc2\xb0"},
                                                    {" \n", "\n"},
                                                    {"\n ", "\n"},
                                                    {" N ", " 1 "},
                                                    {" 's", "'s"}});
}

} // namespace qeval
