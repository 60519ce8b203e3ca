// Patterns of tokenizer.json are written for Oniguruma; this spells them for PCRE2, or names what has no equal.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace qeval {

// A construct that the two engines read differently. `offset` is its byte in the pattern.
struct regex_dialect_error : std::runtime_error {
    regex_dialect_error(std::size_t at, std::string const& what) : std::runtime_error(what), offset(at) {}
    std::size_t offset;
};

// Differences that matter:  \s: PCRE2's also matches U+180E.  \w: PCRE2 10.42 lacks marks and connectors.
// \h: a hexadecimal digit there, a horizontal space here.  \uHHHH and {,n}: unknown here.  [a[b]] and [a&&b]: set
// operations there, literal characters here.  (?m): "dot matches newline" there.
class oniguruma_pattern {
public:
    explicit oniguruma_pattern(std::string_view pattern) : in_(pattern) {
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
    static constexpr std::string_view space = "\\t-\\r\\x{20}\\x{85}\\p{Z}";
    static constexpr std::string_view word  = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";
    static constexpr std::string_view hex   = "0-9a-fA-F";

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
    void escape() {
        char const c = at_ + 1 < in_.size() ? in_[at_ + 1] : '\0';
        switch (c) {
        case 's':
            return put_set(space, false);
        case 'w':
            return put_set(word, false);
        case 'h':
            return put_set(hex, false);
        case 'W':
            return put_set(word, true);
        case 'H':
            return put_set(hex, true);
        case 'S': // inside [...] PCRE2's own, which differs in U+180E only
            if (!in_class_) return put_set(space, true);
            return copy(2);
        case 'u': {
            if (in_.size() - at_ < 6) throw regex_dialect_error(at_, "an incomplete \\u escape");
            out_ += "\\x{" + std::string(in_.substr(at_ + 2, 4)) + "}";
            at_ += 6;
            return;
        }
        case 'K':
        case 'y':
        case 'Y':
            throw regex_dialect_error(at_, std::string("the escape \\") + c);
        default:
            return copy(at_ + 1 < in_.size() ? 2 : 1);
        }
    }
    void inside() {
        if (starts("&&")) throw regex_dialect_error(at_, "a class intersection");
        if (starts("[:")) {
            auto const end = in_.find(":]", at_);
            if (end == std::string_view::npos) throw regex_dialect_error(at_, "an unfinished [:class:]");
            return copy(end + 2 - at_);
        }
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
    std::size_t      at_       = 0;
    bool             in_class_ = false;
    std::string      out_;
};

} // namespace qeval
