// Patterns of tokenizer.json are written for Oniguruma; this spells them for PCRE2, or names what has no equal.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include <qeval/io/text/oniguruma_sets.hpp>

namespace qeval {

// A construct that the two engines read differently. `offset` is its byte in the pattern.
struct regex_dialect_error : std::runtime_error {
    regex_dialect_error(std::size_t at, std::string const& what) : std::runtime_error(what), offset(at) {}
    std::size_t offset;
};

// Differences that matter between Oniguruma 6.9.8 and PCRE2 10.42:
//   \s, \w, \b, [:name:]  other sets of code points        \p{Script}  there the script, here its extensions, too
//   \h                    a hexadecimal digit there         \v          one character there, a set here
//   \uHHHH, {,n}          unknown here                      (?m)        there "dot matches newline"
//   [a[b]], [a&&b]        set operations there
// One that is left: under (?i), "ss" and "st" there match their ligatures, too.
class oniguruma_pattern {
public:
    // `is_script`: is \p{name} one, to PCRE2?
    oniguruma_pattern(std::string_view pattern, bool (*is_script)(std::string_view name))
        : in_(pattern), is_script_(is_script) {
        while (at_ < in_.size()) {
            if (in_[at_] == '\\') {
                escape();
            } else if (in_class_) {
                inside();
            } else {
                outside();
            }
        }
    }
    [[nodiscard]] std::string const& pcre2() const { return out_; }

private:
    [[nodiscard]] bool starts(std::string_view text) const { return in_.substr(at_).substr(0, text.size()) == text; }

    void copy(std::size_t n) {
        out_.append(in_.substr(at_, n));
        at_ += n;
    }
    void put_set(std::string_view members, bool negated) {
        if (in_class_ && negated) throw regex_dialect_error(at_, "a negated class escape inside [...]");
        if (!in_class_) out_ += negated ? "[^" : "[";
        out_ += members;
        if (!in_class_) out_ += ']';
        at_ += 2;
    }
    // Between a word character and another one, in either order; negated: between two of a kind.
    void put_boundary(bool negated) {
        std::string const set = "[" + std::string(oniguruma::lone_word) + "])";
        out_ +=
            "(?:(?<=" + set + (negated ? "(?=" : "(?!") + set + "|(?<!" + set + (negated ? "(?!" : "(?=") + set + ")";
        at_ += 2;
    }
    void put_property() {
        auto const end = in_.find('}', at_);
        if (!starts("\\p{") && !starts("\\P{")) throw regex_dialect_error(at_, "\\p without a name in braces");
        if (end == in_.npos) throw regex_dialect_error(at_, "an unfinished \\p{name}");
        std::string_view  name  = in_.substr(at_ + 3, end - at_ - 3);
        std::string const begin = std::string(in_.substr(at_, 3)) + (name.starts_with('^') ? "^" : "");
        name                    = name.substr(name.starts_with('^') ? 1 : 0);
        out_ += begin + (name.size() > 2 && is_script_(name) ? "sc:" : "") + std::string(name) + "}";
        at_ = end + 1;
    }
    void escape() {
        char const c = at_ + 1 < in_.size() ? in_[at_ + 1] : '\0';
        switch (c) {
        case 's':
            return put_set(oniguruma::space, false);
        case 'w':
            return put_set(in_class_ ? oniguruma::word : oniguruma::lone_word, false);
        case 'h':
            return put_set(oniguruma::hex_digit, false);
        case 'S':
            return in_class_ ? put_set(oniguruma::not_space, false) : put_set(oniguruma::space, true);
        case 'W':
            return put_set(oniguruma::lone_word, true);
        case 'H':
            return put_set(oniguruma::hex_digit, true);
        case 'v':
            return put_set("\\x{b}", false);
        case 'p':
        case 'P':
            return put_property();
        case 'b':
        case 'B':
            if (!in_class_) return put_boundary(c == 'B');
            return copy(2); // there a backspace
        case 'u': {
            if (in_.size() - at_ < 6) throw regex_dialect_error(at_, "an incomplete \\u escape");
            out_ += "\\x{" + std::string(in_.substr(at_ + 2, 4)) + "}";
            at_ += 6;
            return;
        }
        case 'K':
        case 'Q':
        case 'V':
        case 'X':
        case 'y':
        case 'Y':
            throw regex_dialect_error(at_, std::string("the escape \\") + c);
        default:
            return copy(at_ + 1 < in_.size() ? 2 : 1);
        }
    }
    void posix_class() {
        auto const end = in_.find(":]", at_);
        if (end == std::string_view::npos) throw regex_dialect_error(at_, "an unfinished [:class:]");
        std::string_view const name    = in_.substr(at_ + 2, end - at_ - 2);
        auto const             members = oniguruma::posix_class(name);
        if (!members) throw regex_dialect_error(at_, "[:" + std::string(name) + ":]");
        out_ += *members;
        at_ = end + 2;
    }
    void inside() {
        if (starts("&&")) throw regex_dialect_error(at_, "a class intersection");
        if (starts("[:")) return posix_class();
        if (in_[at_] == '[') throw regex_dialect_error(at_, "a class inside a class");
        if (in_[at_] == ']') in_class_ = false;
        copy(1);
    }
    void outside() {
        if (starts("(*")) throw regex_dialect_error(at_, "a control verb");
        if (starts("(?")) {
            auto const end = in_.find_first_not_of("imsx-", at_ + 2);
            if (in_.substr(at_ + 2, (end == in_.npos ? in_.size() : end) - at_ - 2).find('m') != in_.npos) {
                throw regex_dialect_error(at_, "the option (?m)");
            }
            return copy(2);
        }
        if (starts("{,")) {
            out_ += "{0,";
            at_ += 2;
            return;
        }
        if (in_[at_] == '[') {
            in_class_ = true;
            copy(1);
            if (at_ < in_.size() && in_[at_] == '^') copy(1);
            if (at_ < in_.size() && in_[at_] == ']') copy(1); // first in its class: itself
            return;
        }
        copy(1);
    }

    std::string_view in_;
    bool (*is_script_)(std::string_view);
    std::size_t at_       = 0;
    bool        in_class_ = false;
    std::string out_;
};

} // namespace qeval
