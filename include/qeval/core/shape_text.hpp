// The shape of a tensor as messages print it: "[4096, 11008]".
#pragma once

#include <string>

namespace qeval {

template <class Sizes>
[[nodiscard]] std::string shape_text(Sizes const& sizes) {
    std::string text = "[";
    for (auto const n : sizes) text += (text.size() == 1 ? "" : ", ") + std::to_string(n);
    return text + "]";
}

} // namespace qeval
