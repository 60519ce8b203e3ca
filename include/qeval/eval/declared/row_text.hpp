// A text with gaps that are filled from a row of a data set: "Question: {question}\nAnswer:".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/json/json_value.hpp>

namespace qeval {

// A member of a row, or of an object in the row: "choices.text".
[[nodiscard]] inline json_value member_of(json_value row, std::string_view path) {
    for (std::size_t dot = path.find('.'); dot != path.npos; dot = path.find('.')) {
        row = row.at(path.substr(0, dot));
        path.remove_prefix(dot + 1);
    }
    return row.at(path);
}

class row_text {
public:
    row_text() = default;

    // Reads such a text; "{{" and "}}" stand for braces. A text that is not well-formed is refused at its place, as
    // file_error with the id `id`.
    static row_text of(json_value value, std::string_view id) {
        std::string_view const text = value.string();
        row_text               t;
        t.source_ = text;
        part now;
        for (std::size_t i = 0; i < text.size();) {
            char const       c     = text[i];
            std::string_view twice = text.substr(i, 2);
            if (twice == "{{" || twice == "}}") {
                now.literal += c;
                i += 2;
            } else if (c == '{') {
                std::size_t const end = text.find('}', i);
                if (end == text.npos) value.fail("a \"}\" for every \"{\"", "\"{{\" stands for a brace", id);
                now.field = std::string(text.substr(i + 1, end - i - 1));
                if (!is_path(now.field))
                    value.fail("the name of a member between braces", "\"{{\" stands for a brace", id);
                t.parts_.push_back(std::exchange(now, {}));
                i = end + 1;
            } else if (c == '}') {
                value.fail("a \"{\" for every \"}\"", "\"}}\" stands for a brace", id);
            } else {
                now.literal += c;
                ++i;
            }
        }
        if (!now.literal.empty()) t.parts_.push_back(std::move(now));
        return t;
    }

    [[nodiscard]] std::string fill(json_value row) const {
        std::string out;
        for (part const& p : parts_) {
            out += p.literal;
            if (!p.field.empty()) out += text_of(member_of(row, p.field));
        }
        return out;
    }
    // The member, if the text is nothing else: "{choices}" -> "choices".
    [[nodiscard]] std::optional<std::string> only_field() const {
        if (parts_.size() != 1 || !parts_[0].literal.empty() || parts_[0].field.empty()) return std::nullopt;
        return parts_[0].field;
    }
    [[nodiscard]] std::string const& source() const { return source_; }

    // The characters of a value: a text is taken as it is, a number as it is written.
    [[nodiscard]] static std::string text_of(json_value v) {
        if (v.is_string()) return v.string();
        if (v.is_number()) return v.dump();
        v.fail("a text or a number");
    }

private:
    struct part { // a literal text, then a member; either may be empty
        std::string literal, field;
    };

    static bool is_path(std::string_view s) { // no name in it may be empty
        return !s.empty() && s.front() != '.' && s.back() != '.' && s.find("..") == s.npos && s.find('{') == s.npos;
    }

    std::string       source_;
    std::vector<part> parts_;
};

} // namespace qeval
