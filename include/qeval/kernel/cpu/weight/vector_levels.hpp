// Codes -> levels, sixteen rows at a time; the way is chosen by what the compiler proved about the level table.
#pragma once

#include <array>
#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/format/policy/levels.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Minifloat::value() of one code in each lane: the same operations.
template <class M>
QEVAL_INLINE f32x16 minifloat_values(i32x16 const& code) {
    i32x16 const mag  = code & static_cast<int>(M::sign_bit - 1u);
    i32x16       bits = as_bits(as_floats(mag << (23 - M::mantissa)) *
                                f32x16::all(bit_cast<float>(std::uint32_t(254 - M::bias) << 23)));
    auto const   from = [&](unsigned first, std::uint32_t special)
                          QEVAL_LAMBDA_INLINE { // codes of that magnitude and above
                              i32x16 const chosen = (i32x16::all(static_cast<int>(first) - 1) - mag) >> 31;
                              bits                = bits ^ ((bits ^ static_cast<int>(special)) & chosen);
                          };
    if constexpr (M::has_infinity) from(M::first_nan - 1u, 0x7f800000u);
    if constexpr (M::first_nan < M::sign_bit) from(M::first_nan, 0x7fc00000u);
    return as_floats(bits | (code & static_cast<int>(M::sign_bit)) << (32 - M::bits));
}

template <class L>
struct vector_levels {
    static constexpr level_facts<L> facts = facts_of<L>;
    // level / unit - lowest = code ^ half: two's complement
    static constexpr bool flips = [] {
        if (!facts.integer || facts.affine) return false;
        for (unsigned c = 0; c < unsigned(L::codes); ++c) {
            if (static_cast<int>(L::value(c) / facts.unit) - facts.lowest !=
                static_cast<int>(c ^ unsigned(L::codes / 2)))
                return false;
        }
        return true;
    }();
    static constexpr bool small = L::codes <= 16;

    alignas(64) static constexpr std::array<float, 16> float_table = [] {
        std::array<float, 16> t{};
        for (unsigned c = 0; small && c < unsigned(L::codes); ++c) t[c] = L::value(c);
        return t;
    }();
    alignas(64) static constexpr std::array<std::uint8_t, small ? 16 : std::size_t(L::codes)> byte_table = [] {
        std::array<std::uint8_t, small ? 16 : std::size_t(L::codes)> t{};
        for (unsigned c = 0; facts.integer && c < unsigned(L::codes); ++c) {
            t[c] = static_cast<std::uint8_t>(static_cast<int>(L::value(c) / facts.unit) - facts.lowest);
        }
        return t;
    }();

    // One code in each 32-bit lane -> level / unit - lowest, for levels at equal distances.
    static constexpr bool      counts = facts.affine || flips;
    static QEVAL_INLINE f32x16 count(i32x16 const& code) requires counts {
        return to_float(flips ? code ^ i32x16::all(L::codes / 2) : code);
    }
    // level / unit - lowest -> level; never -0.
    static QEVAL_INLINE f32x16 level_of(f32x16 const& count) {
        f32x16 const v = facts.lowest == 0 ? count : count + f32x16::all(static_cast<float>(facts.lowest));
        return facts.unit == 1 ? v : v * f32x16::all(facts.unit);
    }
    // One code in each 32-bit lane -> level.
    static QEVAL_INLINE f32x16 floats(i32x16 const& code) {
        if constexpr (counts) {
            return level_of(count(code));
        } else if constexpr (small) {
            return lookup_floats(float_table.data(), code);
        } else if constexpr (requires { typename L::element; }) {
            return minifloat_values<typename L::element>(code);
        } else {
            alignas(64) std::int32_t lane[16];
            alignas(64) float        out[16];
            code.store(lane);
            for (int i = 0; i < 16; ++i) out[i] = L::value(static_cast<unsigned>(lane[i]));
            return f32x16::load(out);
        }
    }
    // Four codes in each 32-bit lane -> level / unit - lowest, as bytes.
    static QEVAL_INLINE i32x16 bytes(i32x16 const& codes) {
        if constexpr (facts.affine) {
            return codes;
        } else if constexpr (flips) {
            return codes ^ i32x16::all(static_cast<std::int32_t>(0x01010101u * unsigned(L::codes / 2)));
        } else if constexpr (small) {
            return lookup_bytes(byte_table.data(), codes);
        } else {
            alignas(64) std::uint8_t byte[64];
            codes.store(reinterpret_cast<std::int32_t*>(byte));
            for (auto& b : byte) b = byte_table[b];
            return i32x16::load(reinterpret_cast<std::int32_t const*>(byte));
        }
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
