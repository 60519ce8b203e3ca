// The type a matmul computes in. f32 leaves operands alone; f16 and bf16 are emulated: weights, inputs and outputs are
// rounded to the type, sums stay in f32 (what tensor cores do, up to the order of additions).
#pragma once

#include <optional>
#include <string_view>

#include <qeval/core/half.hpp>
#include <qeval/core/view.hpp>

namespace qeval {

enum class compute_type { f32, f16, bf16 };

constexpr std::string_view name_of(compute_type t) {
    return t == compute_type::f32 ? "f32" : t == compute_type::f16 ? "f16" : "bf16";
}
constexpr float round_to(compute_type t, float x) {
    return t == compute_type::f32 ? x : t == compute_type::f16 ? f16::from(x).to_float() : bf16::from(x).to_float();
}
inline void round_to(compute_type t, float* x, index n) {
    if (t == compute_type::f16) {
        for (index i = 0; i < n; ++i) x[i] = f16::from(x[i]).to_float();
    } else if (t == compute_type::bf16) {
        for (index i = 0; i < n; ++i) x[i] = bf16::from(x[i]).to_float();
    }
}

} // namespace qeval
