// Numbers of 64 bits. No format of a program has them: they are read as the nearest ones of 32, as transformers casts
// them.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include <qeval/io/tensor/tensor.hpp>

namespace qeval {

[[nodiscard]] inline bool has_doubles(tensor_view const& t) { return t.type == "F64"; }

// The tensor in F32 where it is in F64, in a copy that the view keeps; any other as it is. What is too large for 32
// bits becomes infinite.
[[nodiscard]] inline tensor_view without_doubles(tensor_view t) {
    if (!has_doubles(t)) return t;
    std::size_t const count = t.bytes.size() / sizeof(double);
    auto const        made  = std::make_shared<std::vector<std::byte>>(count * sizeof(float));
    for (std::size_t i = 0; i < count; ++i) {
        double stored = 0;
        std::memcpy(&stored, t.bytes.data() + i * sizeof(double), sizeof(double));
        float const nearest = static_cast<float>(stored);
        std::memcpy(made->data() + i * sizeof(float), &nearest, sizeof(float));
    }
    t.type   = "F32";
    t.bytes  = *made;
    t.memory = made;
    return t;
}

} // namespace qeval
