// What the driver tells people on standard error.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <qeval/core/printable_text.hpp>

namespace qeval::cli {

// Whether the locale's characters are UTF-8, by its name (LC_ALL, LC_CTYPE, LANG: the first one that is set). Asking
// the C library would not do: it knows only the locales that are installed.
[[nodiscard]] inline bool locale_is_utf8() {
    for (char const* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        char const* const value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        std::string locale(value);
        std::transform(locale.begin(), locale.end(), locale.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        return locale.find("utf-8") != locale.npos || locale.find("utf8") != locale.npos;
    }
    return false;
}

inline void print_message(std::string const& message) {
    std::fputs((locale_is_utf8() ? message : ascii_message(message)).c_str(), stderr);
}

} // namespace qeval::cli
