// Floats side by side, one group or block of weights each: the lane type of encoders. Compiler vectors: no header is
// needed, and any instruction set will do. (Nor is <cstring>, whose ::index would meet qeval::index in users'
// programs.)
#pragma once

#include <cstdint>
#include <utility>

#include <qeval/core/macros.hpp>
#include <qeval/format/lane.hpp>

namespace qeval {
inline namespace QEVAL_ISA { // as in qeval::cpu: objects built with other -march flags have other lanes

#if defined(__AVX512F__) && defined(__AVX512BW__)
inline constexpr int vector_floats = 16;
#elif defined(__AVX2__)
inline constexpr int vector_floats = 8;
#else
inline constexpr int vector_floats = 4;
#endif

template <class T, int N>
struct vector_of {
    typedef T type __attribute__((vector_size(N * sizeof(T)))); // GCC drops the attribute of an alias template
};
template <class T, int N>
using vector_t = typename vector_of<T, N>::type;

// One byte of every lane.
template <int Count>
struct byte_lanes {
    vector_t<std::uint8_t, Count> v;

    friend QEVAL_INLINE byte_lanes operator|(byte_lanes a, byte_lanes b) { return {a.v | b.v}; }
    friend QEVAL_INLINE byte_lanes operator&(byte_lanes a, byte_lanes b) { return {a.v & b.v}; }
    friend QEVAL_INLINE byte_lanes operator>>(byte_lanes a, int bits) { return {a.v >> splat(bits)}; }
    friend QEVAL_INLINE byte_lanes operator<<(byte_lanes a, int bits) { return {a.v << splat(bits)}; }
    friend QEVAL_INLINE byte_lanes lane_mask(int bits, byte_lanes const*) { return {splat((1 << bits) - 1)}; }

private:
    static QEVAL_INLINE vector_t<std::uint8_t, Count> splat(int x) {
        return vector_t<std::uint8_t, Count>{} | static_cast<std::uint8_t>(x);
    }
};

// `Vectors` machine vectors; more than one hides the latency of a search, whose steps depend on each other.
template <int Vectors>
struct lanes {
    using floats               = vector_t<float, vector_floats>;
    using ints                 = vector_t<std::int32_t, vector_floats>;
    static constexpr int count = Vectors * vector_floats;
    struct mask {
        ints                     v[Vectors];
        friend QEVAL_INLINE mask operator&(mask const& a, mask const& b) {
            return map<mask>([&](int k) { return a.v[k] & b.v[k]; });
        }
    };

    floats v[Vectors];

    lanes() = default;
    // copied vector by vector: as one object, a copy would go through memory
    QEVAL_INLINE        lanes(lanes const& a) { *this = a; }
    QEVAL_INLINE lanes& operator=(lanes const& a) {
        [&]<int... K>(std::integer_sequence<int, K...>) { ((v[K] = a.v[K]), ...); }
        (std::make_integer_sequence<int, Vectors>{});
        return *this;
    }
    QEVAL_INLINE lanes(float x) : lanes(map<lanes>([x](int) { return x - floats{}; })) {}

    // { f(0), f(1), ... }: spelled out, because -O2 keeps what a loop indexes in memory.
    template <class To, class F>
    static QEVAL_INLINE To map(F f) {
        To to;
        [&]<int... K>(std::integer_sequence<int, K...>) { ((to.v[K] = f(K)), ...); }
        (std::make_integer_sequence<int, Vectors>{});
        return to;
    }

    friend QEVAL_INLINE lanes operator-(lanes const& a) {
        return map<lanes>([&](int k) { return -a.v[k]; });
    }
    friend QEVAL_INLINE lanes operator+(lanes const& a, lanes const& b) {
        return map<lanes>([&](int k) { return a.v[k] + b.v[k]; });
    }
    friend QEVAL_INLINE lanes operator-(lanes const& a, lanes const& b) {
        return map<lanes>([&](int k) { return a.v[k] - b.v[k]; });
    }
    friend QEVAL_INLINE lanes operator*(lanes const& a, lanes const& b) {
        return map<lanes>([&](int k) { return a.v[k] * b.v[k]; });
    }
    friend QEVAL_INLINE lanes operator/(lanes const& a, lanes const& b) {
        return map<lanes>([&](int k) { return a.v[k] / b.v[k]; });
    }
    QEVAL_INLINE lanes& operator+=(lanes const& b) { return *this = *this + b; }

    friend QEVAL_INLINE mask operator<(lanes const& a, lanes const& b) {
        return map<mask>([&](int k) { return a.v[k] < b.v[k]; });
    }
    friend QEVAL_INLINE mask operator>(lanes const& a, lanes const& b) {
        return map<mask>([&](int k) { return a.v[k] > b.v[k]; });
    }
    friend QEVAL_INLINE mask operator<=(lanes const& a, lanes const& b) {
        return map<mask>([&](int k) { return a.v[k] <= b.v[k]; });
    }
    friend QEVAL_INLINE mask operator>=(lanes const& a, lanes const& b) {
        return map<mask>([&](int k) { return a.v[k] >= b.v[k]; });
    }
    friend QEVAL_INLINE mask operator==(lanes const& a, lanes const& b) {
        return map<mask>([&](int k) { return a.v[k] == b.v[k]; });
    }
    friend QEVAL_INLINE mask operator!=(lanes const& a, lanes const& b) {
        return map<mask>([&](int k) { return a.v[k] != b.v[k]; });
    }

    friend QEVAL_INLINE lanes select(mask const& m, lanes const& yes, lanes const& no) {
        return map<lanes>([&](int k) { return m.v[k] ? yes.v[k] : no.v[k]; });
    }
    friend QEVAL_INLINE bool any_lane(mask const& m) {
        ints all = m.v[0];
        for (int k = 1; k < Vectors; ++k) all |= m.v[k];
        std::int64_t parts[vector_floats / 2], any = 0;
        __builtin_memcpy(parts, &all, sizeof parts);
        for (std::int64_t p : parts) any |= p;
        return any != 0;
    }
    friend QEVAL_INLINE mask sign_bit(lanes const& a) {
        return map<mask>([&](int k) { return ints(a.v[k]) < 0; });
    }
    friend QEVAL_INLINE lanes magnitude(lanes const& a) {
        return map<lanes>([&](int k) { return floats(ints(a.v[k]) & 0x7fffffff); });
    }
    friend QEVAL_INLINE lanes nearest(lanes const& a, int first, int last) {
        return map<lanes>([&](int k) {
            ints const biased = ints(a.v[k] + rounding_bias) & 0x007fffff, low = ints{} + (0x00400000 + first),
                       high   = ints{} + (0x00400000 + last);
            ints const raised = biased > low ? biased : low, clamped = raised < high ? raised : high;
            return floats(clamped | 0x4b000000) - rounding_bias;
        });
    }
    friend QEVAL_INLINE lanes truncated(lanes const& a) {
        return map<lanes>(
            [&](int k) { return __builtin_convertvector(__builtin_convertvector(a.v[k], ints), floats); });
    }
    friend lanes square_root(lanes const& a) { // no compiler vector has one
        lanes root;
        for (int k = 0; k < count; ++k) set_lane(root, k, square_root(lane_of(a, k)));
        return root;
    }
    friend QEVAL_INLINE byte_lanes<count> to_byte(lanes const& a) {
        byte_lanes<count> b;
        for (int k = 0; k < Vectors; ++k) {
            auto const part =
                __builtin_convertvector(__builtin_convertvector(a.v[k], ints), vector_t<std::uint8_t, vector_floats>);
            __builtin_memcpy(reinterpret_cast<char*>(&b) + k * vector_floats, &part, sizeof part);
        }
        return b;
    }
    friend QEVAL_INLINE float lane_of(lanes const& a, int k) { return a.v[k / vector_floats][k % vector_floats]; }
    friend QEVAL_INLINE void  set_lane(lanes& a, int k, float x) { a.v[k / vector_floats][k % vector_floats] = x; }
};
} // namespace QEVAL_ISA

template <int Vectors>
inline constexpr int lane_count<lanes<Vectors>> = lanes<Vectors>::count;

} // namespace qeval
