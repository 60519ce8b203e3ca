// Sixteen floats side by side, and loops over registers that are unrolled without fail. Element l of a result depends
// on element l of the operands only.
#pragma once

#include <cstring>
#include <utility>

#include <qeval/model/cpu/math.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

inline constexpr int lane_count = 16;

// Arrays of fixed length in fixed loops: compilers make one register (AVX-512) or two (AVX2) of them.
struct alignas(64) lanes {
    float v[lane_count];

    static QEVAL_INLINE lanes load(float const* from) {
        lanes r;
        std::memcpy(r.v, from, sizeof(r.v));
        return r;
    }
    static QEVAL_INLINE lanes all(float x) {
        lanes r;
        for (float& e : r.v) e = x;
        return r;
    }
    QEVAL_INLINE void store(float* to) const { std::memcpy(to, v, sizeof(v)); }
};

// a * b + c
QEVAL_INLINE lanes madd(lanes const& a, lanes const& b, lanes const& c) {
    lanes r;
    for (int l = 0; l < lane_count; ++l) r.v[l] = madd(a.v[l], b.v[l], c.v[l]);
    return r;
}
QEVAL_INLINE lanes operator+(lanes const& a, lanes const& b) {
    lanes r;
    for (int l = 0; l < lane_count; ++l) r.v[l] = a.v[l] + b.v[l];
    return r;
}

// f(0), f(1), ..., f(N - 1) with constant arguments.
template <int N, class F>
QEVAL_INLINE void each(F&& f) {
    [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
        (f(std::integral_constant<int, I>{}), ...);
    }(std::make_integer_sequence<int, N>{});
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
