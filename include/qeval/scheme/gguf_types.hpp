// The tensor types that a GGUF file may have: what the formats of a list declare as their gguf_id.
#pragma once

#include <cstdint>
#include <vector>

#include <qeval/format/list.hpp>
#include <qeval/io/gguf.hpp>

namespace qeval {

template <class List>
[[nodiscard]] std::vector<gguf_type> gguf_types() {
    std::vector<gguf_type> types;
    for_each_format(List{}, [&](auto tag) {
        using F = typename decltype(tag)::type;
        if constexpr (requires { F::gguf_id; }) {
            types.push_back({F::gguf_id, name_of<F>(), std::uint32_t(F::block_size), std::uint32_t(sizeof(typename F::block_type))});
        }
    });
    return types;
}

} // namespace qeval
