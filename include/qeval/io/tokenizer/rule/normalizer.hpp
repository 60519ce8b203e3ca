// What happens to a text before it is split: the steps of tokenizer.json's `normalizer`.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/text/code_point.hpp>
#include <qeval/io/text/regex.hpp>
#include <qeval/io/text/unicode.hpp>
#include <qeval/io/tokenizer/rule/sentencepiece_normalizer.hpp>

namespace qeval {

// Each step maps one text to another; text() is its canonical description, which enters the tokenizer's hash.

// A replacement from a file may be long and frequent; offsets into the result are 32 bits.
inline void refuse_growth(std::string const& text) {
    constexpr std::size_t most = std::size_t{1} << 30;
    if (text.size() <= most) return;
    throw file_error{{"TK13", "normalizer", std::to_string(text.size()) + " bytes of normalized text",
                      "at most " + std::to_string(most), "a replacement that makes the text much longer"}};
}

struct unicode_step { // NFC, NFD, NFKC, NFKD
    unicode_form form;

    [[nodiscard]] std::string apply(std::string_view s) const { return normalized(s, form); }
    [[nodiscard]] std::string text() const { return "unicode " + std::to_string(static_cast<int>(form)); }
};

struct lowercase_step {
    [[nodiscard]] std::string apply(std::string_view s) const { return lowercased(s); }
    [[nodiscard]] std::string text() const { return "lowercase"; }
};

struct prepend_step { // nothing before an empty text
    std::string prefix;

    [[nodiscard]] std::string apply(std::string_view s) const {
        return s.empty() ? std::string() : prefix + std::string(s);
    }
    [[nodiscard]] std::string text() const { return "prepend " + prefix; }
};

struct replace_step {
    std::shared_ptr<regex const> pattern;
    std::string                  content;

    [[nodiscard]] std::string apply(std::string_view s) const {
        std::string out;
        std::size_t done = 0;
        regex::scan scan(*pattern);
        scan(s, [&](std::size_t begin, std::size_t end) {
            out.append(s, done, begin - done);
            out += content;
            done = end;
            refuse_growth(out);
        });
        return out.append(s, done, s.size() - done);
    }
    [[nodiscard]] std::string text() const { return "replace " + pattern->pattern() + " by " + content; }
};

struct strip_step { // white space at the ends
    bool left  = true;
    bool right = true;

    [[nodiscard]] std::string apply(std::string_view s) const {
        std::size_t begin = s.size();
        std::size_t end   = 0;
        for (std::size_t at = 0; at < s.size();) {
            auto const c = decode_utf8(s, at);
            if (!is_space(c.value)) {
                begin = begin < at ? begin : at;
                end   = at + c.length;
            }
            at += c.length;
        }
        if (end == 0) return {};
        if (!left) begin = 0;
        if (!right) end = s.size();
        return std::string(s.substr(begin, end - begin));
    }
    [[nodiscard]] std::string text() const { return "strip " + std::to_string(left * 2 + right); }
};

struct squeeze_step { // SentencePiece's remove_extra_whitespaces: no space at the ends, one where several stood
    [[nodiscard]] std::string apply(std::string_view s) const {
        std::string out;
        for (char const c : s) {
            if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
        }
        while (out.ends_with(' ') || out.ends_with("\xe2\x96\x81")) // it is how a space at the end is spelled later on
            out.resize(out.size() - (out.back() == ' ' ? 1 : 3));
        return out;
    }
    [[nodiscard]] std::string text() const { return "squeeze"; }
};

using normalizer_step = std::variant<unicode_step, lowercase_step, prepend_step, replace_step, strip_step, squeeze_step,
                                     sentencepiece_step, precompiled_step>;

class normalizer {
public:
    std::vector<normalizer_step> steps;

    // A view of `s` itself where there is nothing to do, else of `buffer`.
    [[nodiscard]] std::string_view operator()(std::string_view s, std::string& buffer) const {
        if (steps.empty()) return s;
        for (auto const& step : steps) {
            buffer = std::visit([&](auto const& one) { return one.apply(s); }, step);
            s      = buffer;
            refuse_growth(buffer);
        }
        return s;
    }
};

} // namespace qeval
