// Codes of sixteen rows from the code planes of a matrix.
#pragma once

#include <array>
#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/policy/packing.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/weight/code_lanes.hpp>
#include <qeval/kernel/cpu/weight/interleave.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

template <class Packing>
struct plane_codes {
    static bool fits(index, index) { return false; }
    static bool unpack(std::uint8_t const*, index, index, index, index, index, std::int32_t*) { return false; }
    static void prefetch(std::uint8_t const*, index, index, index, index, index) {}
};

// Codes of rows [row0, row0 + 16), depths [k0, k0 + n), four to a lane; false where a row begins inside a byte, or
// runs are too long. n is at most 512; what follows the last code in its lane is arbitrary.
template <class... Fields>
struct plane_codes<packing::planes<Fields...>> {
    static constexpr int piece     = 32; // weights that are unpacked together
    using lanes                    = code_lanes<packing::planes<Fields...>, piece>;
    static constexpr bool possible = lanes::possible && ((piece % Fields::tile == 0) && ...);

    [[nodiscard]] static bool fits(index cols, index k0) {
        return possible && ((cols % Fields::tile == 0 && k0 % Fields::tile == 0) && ...);
    }

    static bool unpack(std::uint8_t const* codes, index rows, index cols, index row0, index k0, index n,
                       std::int32_t* words) {
        if constexpr (!possible) {
            return false;
        } else {
            if (!fits(cols, k0)) return false;
            alignas(64) std::int32_t
                stored[512 / 4 * 16 * packing::planes<Fields...>::bits / 8 + 16 * sizeof...(Fields) * piece / 4];
            typename lanes::field_words          at{};
            std::array<index, sizeof...(Fields)> size{};
            std::int32_t*                        next  = stored;
            std::size_t                          f     = 0;
            std::uint8_t const*                  plane = codes;
            ((interleave_words(rows16::of(plane + Fields::bytes(row0 * cols + k0), Fields::bytes(cols), rows - row0), 0,
                               Fields::bytes(n), next),
              at.begin[f] = next, size[f] = 4 * Fields::bytes(piece),
              next += 4 * Fields::bytes((n + piece - 1) / piece * piece), plane += Fields::bytes(rows * cols), ++f),
             ...);
            for (index k = 0; k < n; k += piece) {
                lanes::for_each_quad(at, [&](int q, i32x16 const& four) QEVAL_LAMBDA_INLINE {
                    if (k + 4 * q < n) four.store(words + (k + 4 * q) * 4);
                });
                for (std::size_t i = 0; i < size.size(); ++i) at.begin[i] += size[i];
            }
            return true;
        }
    }
    // Rows [row0, row0 + 16) are one stretch of memory: while sixteen others are unpacked, depth after depth, it
    // comes in as a single stream at their pace.
    static void prefetch(std::uint8_t const* codes, index rows, index cols, index row0, index k0, index n) {
        if (row0 + 16 > rows) return;
        auto const one = [&](index row_bytes, index begin, index end) {
            std::uint8_t const* const first = codes + row0 * row_bytes;
            prefetch_bytes(first + 16 * begin, first + 16 * end);
            codes += rows * row_bytes;
        };
        (one(Fields::bytes(cols), Fields::bytes(k0), Fields::bytes(k0 + n)), ...);
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
