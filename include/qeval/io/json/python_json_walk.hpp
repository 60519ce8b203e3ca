// Goes through a JSON text by the grammar of Python's json.loads, and says at which byte it is broken. Nesting costs a
// byte of memory, not a call.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <qeval/core/error.hpp>

namespace qeval {

class python_json_walk {
public:
    // Both must outlive this. `place` is what errors (JS01) call the text.
    python_json_walk(std::string_view text, std::string const& place) : text_(text), place_(&place) {}

    [[nodiscard]] std::size_t at() const { return at_; }

    void space() {
        while (at_ < text_.size() && spaces.find(text_[at_]) != spaces.npos) ++at_;
    }
    void end() const {
        if (at_ < text_.size()) fail("the end of the value");
    }
    // Goes over one value.
    void value() {
        std::string open; // the brackets that it is in
        for (;;) {
            if (!open.empty() && open.back() == '}') member_name();
            if (take('{')) {
                space();
                open += '}';
                if (!next_is('}')) continue;
            } else if (take('[')) {
                space();
                open += ']';
                if (!next_is(']')) continue;
            } else {
                scalar();
            }
            for (; !open.empty(); open.pop_back()) { // a value has ended, or there was none
                space();
                if (take(',')) break;
                if (!take(open.back())) fail(open.back() == '}' ? "',' or '}'" : "',' or ']'");
            }
            if (open.empty()) return;
            space();
        }
    }
    // f(name as written, value as written) for each member of an object, f("", value) for each element of an array; the
    // text must be such a value.
    template <class F>
    void each(F const& f) {
        bool const object = text_[at_++] == '{';
        space();
        if (next_is(object ? '}' : ']')) return;
        do {
            space();
            std::string_view const name  = object ? member_name() : std::string_view();
            std::size_t const      begin = at_;
            value();
            f(name, text_.substr(begin, at_ - begin));
            space();
        } while (take(','));
    }
    // The number that four hexadecimal digits say; 0x10000 where they are none.
    [[nodiscard]] static char32_t four_digits(std::string_view text, std::size_t at) {
        char32_t n = 0;
        for (std::size_t i = at; i < at + 4; ++i) {
            char const c = i < text.size() ? text[i] : 'x';
            int const  d = c >= '0' && c <= '9'   ? c - '0'
                           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                  : -1;
            if (d < 0) return 0x10000;
            n = n << 4 | static_cast<char32_t>(d);
        }
        return n;
    }

private:
    static constexpr std::string_view spaces = " \t\n\r";

    [[nodiscard]] bool next_is(char c) const { return at_ < text_.size() && text_[at_] == c; }
    bool               take(char c) { return next_is(c) && ++at_ > 0; }
    bool               take(std::string_view word) {
                      if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
                      return true;
    }
    std::string_view member_name() {
        std::size_t const begin = at_;
        if (!next_is('"')) fail("a name in double quotes");
        string();
        std::string_view const name = text_.substr(begin, at_ - begin);
        space();
        if (!take(':')) fail("':'");
        space();
        return name;
    }
    void string() {
        for (++at_; !take('"'); ++at_) {
            if (at_ == text_.size()) fail("the end of the string");
            if (static_cast<unsigned char>(text_[at_]) < 0x20) fail("a control character as an escape");
            if (text_[at_] != '\\') continue;
            ++at_;
            if (next_is('u') && four_digits(text_, at_ + 1) < 0x10000)
                at_ += 4;
            else if (at_ == text_.size() || std::string_view("\"\\/bfnrt").find(text_[at_]) == std::string_view::npos)
                fail("an escape of JSON");
        }
    }
    void scalar() {
        if (next_is('"')) return string();
        for (std::string_view const word : {"null", "true", "false", "NaN", "Infinity", "-Infinity"})
            if (take(word)) return;
        std::size_t const before = at_;
        take('-');
        if (!take('0') && !digits()) {
            at_ = before;
            fail("a value");
        }
        std::size_t whole = at_; // a point or an exponent without digits is no part of the number
        if (take('.') && digits()) whole = at_;
        at_ = whole;
        if (take('e') || take('E')) {
            if (!take('+')) take('-');
            if (digits()) whole = at_;
        }
        at_ = whole;
    }
    bool digits() {
        std::size_t const before = at_;
        while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
        return at_ > before;
    }
    [[noreturn]] void fail(std::string const& expected) const {
        bool const over = at_ >= text_.size();
        throw file_error{{"JS01", *place_ + " @ byte " + std::to_string(at_),
                          over ? "the end" : qeval::quoted(text_.substr(at_), 40), "JSON (" + expected + ")",
                          over ? "an incomplete download" : ""}};
    }

    std::string_view   text_;
    std::string const* place_;
    std::size_t        at_ = 0;
};

} // namespace qeval
