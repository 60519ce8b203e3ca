// Axis "levels": which number a code stands for, before scaling.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <qeval/core/bits.hpp>
#include <qeval/core/macros.hpp>

namespace qeval {

// A levels policy maps codes 0 .. codes-1 to floats.
template <class L>
concept levels_policy = requires(unsigned c) {
    { L::codes } -> std::convertible_to<int>;
    { L::value(c) } -> std::same_as<float>;
};

// A code book as a template argument. Kept as bit patterns: clang 14 takes no floats in template arguments, and device
// code cannot index a static constexpr array, but can index this.
template <int N>
struct level_table {
    std::uint32_t bits[N]{};

    template <class T>
    constexpr level_table(T const (&values)[N]) {
        for (int i = 0; i < N; ++i) bits[i] = bit_cast<std::uint32_t>(static_cast<float>(values[i]));
    }
    QEVAL_HD constexpr float operator[](unsigned i) const { return bit_cast<float>(bits[i]); }
    static constexpr int     size = N;
};
template <class T, std::size_t N>
level_table(T const (&)[N]) -> level_table<static_cast<int>(N)>;

// level = Table[code]
template <level_table Table>
struct levels {
    static constexpr int            codes = Table.size; // decltype(Table) is a reference after nvcc
    QEVAL_HD static constexpr float value(unsigned c) { return Table[c]; }
};

// level = code - Zero: 0 .. 2^Bits-1 shifted. integers<4, 8> is -8 .. 7.
template <int Bits, int Zero = 0>
struct integers {
    static constexpr int            codes = 1 << Bits;
    QEVAL_HD static constexpr float value(unsigned c) { return static_cast<float>(static_cast<int>(c) - Zero); }
};

// level = the code read as a two's complement number: how int8 lies in files.
template <int Bits>
struct twos_complement {
    static constexpr int            codes = 1 << Bits;
    QEVAL_HD static constexpr float value(unsigned c) {
        constexpr int half = 1 << (Bits - 1);
        return static_cast<float>((static_cast<int>(c) ^ half) - half);
    }
};

// level = a two's complement number with Fraction bits behind the point: fixed_point<8, 6> is -2 .. 2 - 1/64.
template <int Bits, int Fraction>
struct fixed_point {
    static constexpr int            codes = 1 << Bits;
    QEVAL_HD static constexpr float value(unsigned c) {
        return twos_complement<Bits>::value(c) * (1.0f / static_cast<float>(1 << Fraction));
    }
};

// level = the code read as a small float: e2m1, e4m3, ...
template <class Minifloat>
struct minifloats {
    using element                         = Minifloat;
    static constexpr int            codes = Minifloat::codes;
    QEVAL_HD static constexpr float value(unsigned c) { return Minifloat::value(c); }
};

// What a proof over all codes says about the levels; kernels choose their decoder by it.
template <class L>
struct level_facts {
    float unit    = 0; // the largest power of two (<= 1) of which every level is a multiple, or 0
    int   lowest  = 0; // smallest and largest level / unit
    int   highest = 0;
    bool  integer = false; // level / unit fits in a byte with one offset: an int8 dot product applies
    bool  affine  = false; // level / unit = code + lowest: no table is needed

    static consteval level_facts prove() {
        level_facts f;
        for (float unit = 1; unit >= 1.0f / 64 && f.unit == 0; unit *= 0.5f) {
            bool whole = true;
            for (unsigned c = 0; c < unsigned(L::codes); ++c) {
                float const level = L::value(c);
                if (!(level >= -1024 && level <= 1024)) return f; // too wide, or NaN
                if (static_cast<float>(static_cast<int>(level / unit)) * unit != level) whole = false;
            }
            if (whole) f.unit = unit;
        }
        if (f.unit == 0) return f;
        f.lowest = f.highest = static_cast<int>(L::value(0) / f.unit);
        for (unsigned c = 0; c < unsigned(L::codes); ++c) {
            int const v = static_cast<int>(L::value(c) / f.unit);
            f.lowest    = v < f.lowest ? v : f.lowest;
            f.highest   = v > f.highest ? v : f.highest;
        }
        f.integer = f.highest - f.lowest <= 255 && L::codes <= 256;
        f.affine  = f.integer;
        for (unsigned c = 0; c < unsigned(L::codes); ++c) {
            if (static_cast<int>(L::value(c) / f.unit) != static_cast<int>(c) + f.lowest) f.affine = false;
        }
        return f;
    }
};
template <class L>
inline constexpr level_facts<L> facts_of = level_facts<L>::prove();

} // namespace qeval
