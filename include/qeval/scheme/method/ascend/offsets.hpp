// What msModelSlim's layouts have in common: codes in bytes, and offsets that are whole numbers.
#pragma once

#include <cmath>
#include <string>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval::ascend {

inline tensor_view take_codes(stored_parts& parts, std::string const& module) {
    auto t = parts.take(module, "weight", {"I8"}, {-1, -1});
    stored_parts::refuse_empty(t);
    return t;
}

// An offset of codes from -128 to 127, which are whole numbers, whatever type they are stored in.
inline int good_offset(tensor_view const& t, index i) {
    float const z = scale_number(t, i);
    if (z >= -128 && z <= 127 && z == std::floor(z)) return static_cast<int>(z);
    throw file_error{{"CF03", t.place() + "[" + std::to_string(i) + "]", std::to_string(z),
                      "a whole number from -128 to 127", "a damaged checkpoint"}};
}

} // namespace qeval::ascend
