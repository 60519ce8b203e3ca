// Sixteen rows of stored bytes, interleaved dword by dword: a vector then holds the same four bytes of sixteen rows,
// and a packing's expression gives four codes of sixteen rows at once, which is the operand of a byte dot product.
//
//   rows:         r0: b0 b1 b2 b3 b4 ...     interleaved:  r0 b0-3 | r1 b0-3 | ... | r15 b0-3
//                 r1: b0 b1 b2 b3 b4 ...                   r0 b4-7 | r1 b4-7 | ... | r15 b4-7
#pragma once

#include <algorithm>
#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Where sixteen rows begin. Rows beyond a matrix repeat its last one: what they give is never used.
struct rows16 {
    std::uint8_t const* row[16];

    static rows16 of(void const* first, index stride, index rows) {
        rows16 r;
        for (index i = 0; i < 16; ++i)
            r.row[i] = static_cast<std::uint8_t const*>(first) + std::min(i, rows - 1) * stride;
        return r;
    }
};

// Bytes [first, first + bytes) of every row: out[bytes / 4, rounded up][16]; the last word is filled up with zeros.
QEVAL_INLINE void interleave_words(rows16 const& rows, index first, index bytes, std::int32_t* out) {
    for (index b = 0; b < bytes; b += 16)
        transpose_quad(rows.row, first + b, std::min<index>(16, bytes - b), out + b * 4);
}

// The same, in exactly 16 x bytes: what is left over from the dwords becomes sixteen 16-bit words, then sixteen bytes.
// (Two bytes are a half-precision scale: its vector is then one load.)
QEVAL_INLINE void interleave_segment(rows16 const& rows, index first, index bytes, std::uint8_t* out) {
    index const words = bytes / 4 * 4;
    interleave_words(rows, first, words, reinterpret_cast<std::int32_t*>(out));
    index at = words;
    if ((bytes & 2) != 0) {
        gather_halves(rows.row, first + at, out + 16 * at);
        at += 2;
    }
    if ((bytes & 1) != 0) {
        for (int r = 0; r < 16; ++r) out[16 * at + r] = rows.row[r][first + at];
    }
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
