// The type a matmul computes in. f32 leaves operands alone; with f16 and bf16 weights, inputs and outputs are rounded
// to the type, sums stay in f32 (what tensor cores do, up to the order of additions): emulated on the exact path, or by
// bf16 dot products.
#pragma once

#include <string_view>

#include <qeval/core/half.hpp>

namespace qeval {

enum class compute_type { f32, f16, bf16 };

constexpr std::string_view name_of(compute_type t) {
    return t == compute_type::f32 ? "f32" : t == compute_type::f16 ? "f16" : "bf16";
}
constexpr float round_to(compute_type t, float x) {
    return t == compute_type::f32 ? x : t == compute_type::f16 ? f16::from(x).to_float() : bf16::from(x).to_float();
}

} // namespace qeval
