// The operations that xsimd lacks, one seam for each: dot products of bytes and of bf16, table look-ups, half floats,
// and the transpose that brings stored bytes of sixteen rows together. Instruction sets are types, isa/*.hpp, a file
// each; what one does not override it inherits from the portable ones, the definition.
#pragma once

#include <cstddef>
#include <cstdint>

#include <qeval/core/bits.hpp>
#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/compute.hpp>
#include <qeval/kernel/cpu/simd/isa/portable.hpp>
#include <qeval/kernel/cpu/simd/lanes.hpp>
#if defined(__AVX512F__)
#    include <qeval/kernel/cpu/simd/isa/avx512.hpp>
#elif defined(__AVX2__) && defined(__FMA__)
#    include <qeval/kernel/cpu/simd/isa/avx2.hpp>
#endif

namespace qeval::cpu {
inline namespace QEVAL_ISA {

#if defined(__AVX512F__)
using isa = avx512_operations;
#elif defined(__AVX2__) && defined(__FMA__)
using isa                          = avx2_operations;
#else
using isa = portable_operations;
#endif

// multiply_add of pairs is an instruction.
#if defined(__AVX512BF16__)
inline constexpr bool has_bf16_dot = true;
#else
inline constexpr bool has_bf16_dot = false;
#endif

// Byte `slot` of every 32-bit lane, as 0 .. 255.
QEVAL_INLINE i32x16 byte_of(i32x16 const& a, int slot) { return isa::byte_of(a, slot); }

// The dot product of Words dwords of weights, bytes below 2^Bits, with int8 of magnitude up to 127, the same for all
// rows:
//   begin(start); add<K>(prepared(u8), four) for K = 0 ... Words - 1; sum() = start + sum over all bytes of (u8 -
//   offset) * s8
// or, for P < parts, one after the other, add_part<K, P>(prepared(u8), four) for all K.
template <int Bits, int Words>
using byte_sum = typename isa::template byte_sum<isa, Bits, Words>;

// The Bits of the byte_sum for weights below 2^bits. Few kinds: each is a copy of the kernel's inner loop.
constexpr int byte_sum_bits(int bits) { return !isa::byte_sums_differ || bits > 6 ? 8 : bits > 4 ? 6 : 4; }

// acc + w[1] * x[1], rounded, + w[0] * x[0], rounded, for the two bf16 of every lane (1: the high one). Subnormal
// results become zero, and so must operands be: what AVX-512's instruction does, on every instruction set.
QEVAL_INLINE f32x16 multiply_add(i32x16 const& w, i32x16 const& x, f32x16 const& acc) { return isa::dot2(w, x, acc); }

// Two numbers to a lane as bf16, rounded to nearest even, `even` in the low half; subnormal ones become zero.
QEVAL_INLINE i32x16 bf16_pair(f32x16 const& even, f32x16 const& odd) { return isa::bf16_pair(even, odd); }

// table[i] for each byte i < 16 of `bytes`.
QEVAL_INLINE i32x16 lookup_bytes(std::uint8_t const* table, i32x16 const& bytes) {
    return isa::lookup_bytes(table, bytes);
}

// table[i] for each lane i < 16.
QEVAL_INLINE f32x16 lookup_floats(float const* table, i32x16 const& i) { return isa::lookup_floats(table, i); }

// out[i] = value of number i
QEVAL_INLINE void convert(f32 const* in, float* out, index n) {
    for (index i = 0; i < n; ++i) out[i] = in[i].to_float();
}
QEVAL_INLINE void convert(bf16 const* in, float* out, index n) {
    for (index i = 0; i < n; ++i) out[i] = in[i].to_float();
}
QEVAL_INLINE void convert(f16 const* in, float* out, index n) {
    for (index i = isa::convert_many(in, out, n); i < n; ++i) out[i] = in[i].to_float();
}

// x[i] <- x[i] rounded to the compute type; the bits of the scalar round_to.
inline void round_to(compute_type t, float* x, index n) {
    if (t == compute_type::f32) return;
    for (index i = t == compute_type::f16 ? isa::round_many_to_f16(x, n) : 0; i < n; ++i)
        x[i] = qeval::round_to(t, x[i]);
}

// The largest |x[i]| of 32.
QEVAL_INLINE float largest_magnitude(float const* x) { return isa::largest_magnitude(x); }

// words <- x[i] * factor of 32 numbers, rounded to the nearest even int8.
QEVAL_INLINE void round_to_bytes(float const* x, float factor, std::int32_t* words) {
    for (int h = 0; h < 2; ++h)
        isa::store_low_bytes(as_bits(f32x16::load(x + 16 * h) * f32x16::all(factor) + f32x16::all(rounding_bias)),
                             words + 4 * h);
}

// The sum of the 16 int8 of four words.
QEVAL_INLINE std::int32_t sum_of_bytes(std::int32_t const* words) { return isa::sum_of_bytes(words); }

// Values of f16 bits, one in each 32-bit lane.
QEVAL_INLINE f32x16 from_halves(i32x16 const& bits) { return isa::from_halves(bits); }

// Sixteen bytes, or sixteen 16-bit words, to lanes.
QEVAL_INLINE i32x16 widen(std::uint8_t const* p) { return isa::widen(p); }
QEVAL_INLINE i32x16 widen(std::uint16_t const* p) { return isa::widen(p); }

// Up to 16 bytes of 16 rows, row r at row[r] + offset, become four words of all rows side by side: word w at out +
// place[w]. Nothing beyond `bytes` is read; what the words hold beyond is zero.
QEVAL_INLINE void transpose_quad(std::uint8_t const* const* row, index offset, index bytes, std::int32_t* out,
                                 word_places place = {0, 16, 32, 48}) {
    isa::transpose_quad(row, offset, bytes, out, place);
}

// Two bytes of 16 rows side by side.
QEVAL_INLINE void gather_halves(std::uint8_t const* const* row, index offset, std::uint8_t* out) {
    isa::gather_halves(row, offset, out);
}

// [first, last) to the second cache.
inline void prefetch_bytes(void const* first, void const* last) {
    for (auto const* p = static_cast<char const*>(first); p < last; p += 64) __builtin_prefetch(p, 0, 2);
}

// 16 V sums to `rows` consecutive floats, at most.
template <int V>
QEVAL_INLINE void write_rows(float const* sums, index rows, float* out) {
    if (rows >= 16 * V) {
        QEVAL_UNROLL
        for (int v = 0; v < V; ++v) {
            f32x16::load(sums + 16 * v).store(out + 16 * v);
        }
    } else {
        for (index r = 0; r < rows; ++r) out[r] = sums[r];
    }
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
