// Weights stored as numbers: the reference column of every table.
//   w = value(number)        one number a weight: 32 or 16 bits
#pragma once

#include <cstdint>
#include <span>

#include <qeval/core/fixed_string.hpp>
#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>

namespace qeval {

template <class Number, fixed_string Name, std::uint32_t GgufId>
struct dense {
    static constexpr fixed_string  name       = Name;
    static constexpr std::uint32_t gguf_id    = GgufId;
    static constexpr int           block_size = 1;
    using block_type                          = Number;
    using number_type                         = Number;

    QEVAL_HD static constexpr float decode(Number const& w, int) { return w.to_float(); }
    static constexpr void           encode(std::span<float const, 1> w, Number& out) { out = Number::from(w[0]); }
};

struct dense_f32 : dense<f32, "F32", 0> {};
struct dense_f16 : dense<f16, "F16", 1> {};
struct dense_bf16 : dense<bf16, "BF16", 30> {};

} // namespace qeval
