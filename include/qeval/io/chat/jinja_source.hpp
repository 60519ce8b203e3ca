// What a chat template in Jinja says, read without running it: the texts that it may write, and its code in one
// spelling.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/io/text/python_space.hpp>

namespace qeval {

struct jinja_source {
    std::vector<std::string> texts; // of literals and of what stands between tags
    // All statements and expressions, without white space; literals in single quotes, adjacent ones as one;
    // m['content'] and m['role'] whichever way a source writes them.
    std::string code;
    std::string refusals; // messages of its raise_exception()
};

// Reads a source as transformers does (trim_blocks, lstrip_blocks). Branches are left out whose condition asks for what
// no task has: tools, documents, and messages of several parts. nullopt: it is no Jinja.
class jinja_reader {
public:
    explicit jinja_reader(std::string_view source)
        : text_(source.substr(0, source.size() - (source.ends_with('\n') ? 1 : 0))) {}

    [[nodiscard]] std::optional<jinja_source> read() && {
        while (at_ < text_.size()) {
            std::size_t const open = next_tag();
            between(text_.substr(at_, open - at_), open);
            if (open == text_.size()) break;
            if (!tag(open)) return std::nullopt;
        }
        if (!branches_.empty()) return std::nullopt;
        replace_all(".content", "['content']");
        replace_all(".role", "['role']");
        return std::move(out_);
    }

private:
    struct branch {
        bool outer, left_out;
    };

    [[nodiscard]] std::size_t next_tag() const {
        for (std::size_t at = text_.find('{', at_); at != text_.npos; at = text_.find('{', at + 1)) {
            if (at + 1 < text_.size() && std::string_view("{%#").find(text_[at + 1]) != std::string_view::npos)
                return at;
        }
        return text_.size();
    }
    [[nodiscard]] bool left_out() const { return !branches_.empty() && branches_.back().left_out; }

    // What stands between two tags, less the white space that they take.
    void between(std::string_view raw, std::size_t open) {
        bool const ends   = open == text_.size();
        bool const strips = !ends && open + 2 < text_.size() && text_[open + 2] == '-';
        if (strips) {
            raw.remove_suffix(trailing_space(raw));
        } else if (!ends && text_[open + 1] != '{') {
            auto const line = raw.find_last_not_of(" \t");
            if (line == raw.npos ? at_ == 0 : raw[line] == '\n') raw = raw.substr(0, line == raw.npos ? 0 : line + 1);
        }
        if (before_ == '-')
            raw.remove_prefix(raw.size() - without_leading_space(raw).size());
        else if (before_ == '%' && raw.starts_with('\n'))
            raw.remove_prefix(1);
        if (!raw.empty() && !left_out()) out_.texts.emplace_back(raw);
    }
    static std::string_view without_leading_space(std::string_view text) {
        while (std::size_t const n = python_space::first_of(text)) text.remove_prefix(n);
        return text;
    }

    [[nodiscard]] bool tag(std::size_t open) {
        char const        kind  = text_[open + 1];
        std::string const close = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
        char              quote = 0;
        std::size_t       at    = open + 2;
        for (; at + 1 < text_.size(); ++at) {
            char const c = text_[at];
            if (quote != 0) {
                if (c == '\\')
                    ++at;
                else if (c == quote)
                    quote = 0;
            } else if (kind != '#' && (c == '\'' || c == '"')) {
                quote = c;
            } else if (text_.substr(at, 2) == close) {
                break;
            }
        }
        if (at + 1 >= text_.size()) return false;
        auto inner = text_.substr(open + 2, at - open - 2);
        before_    = inner.ends_with('-') ? '-' : kind == '{' ? '{' : '%';
        at_        = at + 2;
        if (inner.starts_with('-')) inner.remove_prefix(1);
        if (inner.ends_with('-')) inner.remove_suffix(1);
        inner = stripped(inner);
        if (kind == '#') return true;
        return kind == '{' ? (expression(inner, true), true) : statement(inner);
    }

    [[nodiscard]] bool statement(std::string_view inner) {
        auto const word = inner.substr(0, inner.find_first_of(" \t\n(='\"["));
        auto const rest = inner.substr(word.size());
        if (word.starts_with("end")) {
            if (branches_.empty()) return false;
            branches_.pop_back();
        } else if (word == "elif" || word == "else") {
            if (branches_.empty()) return false;
            branches_.back().left_out = branches_.back().outer || (word == "elif" && asks_for_more(rest));
            expression(rest, false);
        } else if (word == "set" && rest.find('=') != rest.npos) {
            expression(rest, true);
        } else if (word == "if" || word == "for" || word == "set" || word == "macro" || word == "filter" ||
                   word == "generation") {
            branches_.push_back({left_out(), left_out() || asks_for_more(rest)});
            expression(rest, false);
        }
        return true;
    }
    // Whether a condition holds only for what tasks do not have. One with a "not" may hold without it.
    [[nodiscard]] static bool asks_for_more(std::string_view condition) {
        std::string c(condition);
        for (std::string_view const given : {"is not none", "is not None"}) {
            if (auto const at = c.find(given); at != c.npos) c.erase(at, given.size());
        }
        if (c.find("not ") != c.npos || c.find("not(") != c.npos) return false;
        for (std::string_view const more : {"tool", "documents", "iterable"})
            if (c.find(more) != c.npos) return true;
        return false;
    }

    // Takes the literals of an expression for texts, unless they only name or compare.
    void expression(std::string_view inner, bool writes) {
        if (left_out()) return;
        bool const refuses = inner.starts_with("raise_exception");
        for (std::size_t at = 0; at < inner.size();) {
            char const c = inner[at];
            if (c != '\'' && c != '"') {
                if (python_space::narrow(c)) {
                    ++at;
                    continue;
                }
                out_.code += c;
                ++at;
                continue;
            }
            bool const looks_up = out_.code.ends_with('[') || out_.code.ends_with("==") || out_.code.ends_with("!=");
            auto const value    = literal(inner, at);
            auto const behind   = stripped(inner.substr(at));
            bool const names =
                looks_up || behind.starts_with("==") || behind.starts_with("!=") || behind.starts_with("in ");
            if (refuses) {
                out_.refusals += value;
            } else if (writes && !names && !value.empty()) {
                out_.texts.push_back(value);
            }
            if (out_.code.ends_with("'+"))
                out_.code.resize(out_.code.size() - 2);
            else
                out_.code += '\'';
            out_.code.append(value).append("'");
        }
        out_.code += ';';
    }
    // The value of a literal whose quote stands at `at`, which is moved behind it.
    static std::string literal(std::string_view inner, std::size_t& at) {
        char const  quote = inner[at++];
        std::string value;
        for (; at < inner.size() && inner[at] != quote; ++at) {
            if (inner[at] != '\\' || at + 1 == inner.size()) {
                value += inner[at];
                continue;
            }
            char const c = inner[++at];
            value += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
        }
        at = at < inner.size() ? at + 1 : at;
        return value;
    }
    void replace_all(std::string_view from, std::string_view to) {
        for (auto at = out_.code.find(from); at != out_.code.npos; at = out_.code.find(from, at + to.size()))
            out_.code.replace(at, from.size(), to);
    }

    std::string_view    text_;
    std::size_t         at_     = 0;
    char                before_ = 0; // what the tag before was: '{', '%', or '-': it takes the white space behind it
    std::vector<branch> branches_;
    jinja_source        out_;
};

} // namespace qeval
