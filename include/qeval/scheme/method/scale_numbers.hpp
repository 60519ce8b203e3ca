// Scales as checkpoints store them: numbers of 16 or 32 bits.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/half.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

// Number i of a tensor whose type is F32, F16 or BF16, exactly.
[[nodiscard]] inline float scale_number(tensor_view const& t, index i) {
    if (t.type == "F16") return value_of(stored_number<f16>(t.bytes, i));
    if (t.type == "BF16") return value_of(stored_number<bf16>(t.bytes, i));
    return stored_number<float>(t.bytes, i);
}
// The same, refused where it is NaN, infinite or zero (ST32).
[[nodiscard]] inline float good_scale(tensor_view const& t, index i) {
    float const s = scale_number(t, i);
    if (std::isfinite(s) && s != 0) return s;
    throw file_error{{"ST32", t.place() + "[" + std::to_string(i) + "]", std::to_string(s),
                      "a scale: a finite number, not zero",
                      "a damaged checkpoint, or a layer that its quantizer could not quantize"}};
}

// All of them, where a format keeps them in 32 bits.
[[nodiscard]] inline std::vector<float> good_scales(tensor_view const& t) {
    std::vector<float> all(static_cast<std::size_t>(t.count()));
    for (std::size_t g = 0; g < all.size(); ++g) all[g] = good_scale(t, static_cast<index>(g));
    return all;
}

} // namespace qeval
