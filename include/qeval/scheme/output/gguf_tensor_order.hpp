// The order in which llama.cpp's quantizer writes tensors: those outside the layers, then layer by layer, each by name.
// Origin: weight_name_comparer in llama-model-loader.h.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace qeval {

// The N of "blk.N..."; -1: none.
[[nodiscard]] constexpr std::int64_t gguf_layer(std::string_view name) {
    if (!name.starts_with("blk.")) return -1;
    name.remove_prefix(4);
    std::int64_t n = -1;
    for (char const c : name) { // names have 63 characters; no file has a layer of more than 9 digits
        if (c < '0' || c > '9' || n > 99'999'999) break;
        n = (n < 0 ? 0 : n * 10) + (c - '0');
    }
    return n;
}
[[nodiscard]] constexpr bool before_in_gguf(std::string_view a, std::string_view b) {
    return std::pair(gguf_layer(a), a) < std::pair(gguf_layer(b), b);
}

} // namespace qeval
