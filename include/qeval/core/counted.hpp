// Numbers with what they count.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace qeval {

// counted(1, "items") is "1 item"; `one` where the singular is not the plural without its last letter.
[[nodiscard]] std::string counted(std::integral auto n, std::string_view many, std::string_view one = {}) {
    std::string_view const what = n != 1 ? many : one.empty() ? many.substr(0, many.size() - 1) : one;
    return std::to_string(n).append(" ").append(what);
}

} // namespace qeval
