// Files to be written, as values; and a name of the user's as part of their paths.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace qeval {

using file_texts = std::map<std::string, std::string>; // path below a folder -> content

// As lm-eval spells it: what a path cannot hold becomes "__".
[[nodiscard]] inline std::string file_name_of(std::string_view name) {
    constexpr std::string_view unfit = "\"<>:/|\\?*[]";
    std::string                out;
    bool                       before = false; // a run of them becomes one mark
    for (char const c : name) {
        bool const bad = unfit.find(c) != unfit.npos || static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        if (!bad) out += c;
        if (bad && !before) out += "__";
        before = bad;
    }
    if (out.find_first_not_of('.') == out.npos) out.insert(out.begin(), '_'); // "", "." and ".." are no files
    return out;
}

} // namespace qeval
