// Unicode normal forms and character classes, from utf8proc. The only header that includes it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <string_view>

#include <utf8proc.h>

#include <qeval/core/error.hpp>
#include <qeval/io/text/code_point.hpp>

namespace qeval {

enum class unicode_form { nfc, nfd, nfkc, nfkd };

// `text` must be UTF-8.
[[nodiscard]] inline std::string normalized(std::string_view text, unicode_form form) {
    // Below U+0300, whose first byte is CC, no character composes with one before it: NFC leaves them as they are.
    bool const plain = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0xcc; });
    if (form == unicode_form::nfc && plain) return std::string(text);
    int options = UTF8PROC_STABLE;
    options |= form == unicode_form::nfc || form == unicode_form::nfkc ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE;
    if (form == unicode_form::nfkc || form == unicode_form::nfkd) options |= UTF8PROC_COMPAT;
    utf8proc_uint8_t*      out = nullptr;
    utf8proc_ssize_t const length =
        utf8proc_map(reinterpret_cast<utf8proc_uint8_t const*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()),
                     &out, static_cast<utf8proc_option_t>(options));
    std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> const owner(out, &std::free);
    if (length == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
    if (length < 0) {
        throw internal_error{{"TK00", "Unicode normalization", utf8proc_errmsg(length), "UTF-8 text", ""}};
    }
    return {reinterpret_cast<char const*>(out), static_cast<std::size_t>(length)};
}

[[nodiscard]] inline std::string lowercased(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        auto const c = decode_utf8(text, at);
        if (c.value == 0x130) {
            out += "i\xcc\x87"; // the one unconditional lower case of several characters (SpecialCasing.txt)
        } else {
            append_utf8(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c.value))));
        }
        at += c.length;
    }
    return out;
}

// str.capitalize() of Python: the first character in title case, all others in lower case.
[[nodiscard]] inline std::string capitalized(std::string_view text) {
    if (text.empty()) return {};
    auto const  first = decode_utf8(text, 0);
    std::string out;
    append_utf8(out, static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(first.value))));
    return out + lowercased(text.substr(first.length));
}

// f(cluster) for the extended grapheme clusters of a text, in order.
template <class F>
void for_each_grapheme(std::string_view text, F&& f) {
    std::size_t      begin  = 0;
    utf8proc_int32_t before = 0;
    utf8proc_int32_t state  = 0;
    for (std::size_t at = 0; at < text.size();) {
        auto const c     = decode_utf8(text, at);
        auto const value = static_cast<utf8proc_int32_t>(c.value);
        if (at > 0 && utf8proc_grapheme_break_stateful(before, value, &state)) {
            f(text.substr(begin, at - begin));
            begin = at;
        }
        before = value;
        at += c.length;
    }
    if (begin < text.size()) f(text.substr(begin));
}

// The White_Space property.
[[nodiscard]] inline bool is_space(char32_t c) {
    if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13);
    if (c == 0x85) return true;
    auto const category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
    return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

// What \w means for word boundaries: letters, marks, numbers that are letters or decimal digits, connectors.
[[nodiscard]] inline bool is_word(char32_t c) {
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
        return true;
    default:
        return c == 0x200c || c == 0x200d; // Join_Control
    }
}

} // namespace qeval
