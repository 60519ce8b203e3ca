// The seams of kernel/cpu/simd/simd.hpp in AVX-512, with VNNI and BF16 where the build has them.
#pragma once

#include <cstddef>
#include <cstdint>

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/simd/isa/portable.hpp>
#include <qeval/kernel/cpu/simd/lanes.hpp>
#if defined(__AVX512F__)
namespace qeval::cpu {
inline namespace QEVAL_ISA {

struct avx512_operations : portable_operations {
    static QEVAL_INLINE i32x16 byte_of(i32x16 const& a, int slot) {
        if (slot == 3) return {_mm512_srli_epi32(a.v[0], 24)};
        return portable_operations::byte_of(a, slot);
    }
#    if defined(__AVX512VNNI__)
    static QEVAL_INLINE i32x16 dot4(i32x16 const& acc, i32x16 const& u8, std::int32_t four) {
        return {_mm512_dpbusd_epi32(acc.v[0], u8.v[0], _mm512_set1_epi32(four))};
    }
#    endif
#    if defined(__AVX512BF16__)
    static QEVAL_INLINE f32x16 dot2(i32x16 const& w, i32x16 const& x, f32x16 const& acc) {
        __m512i const a = w.v[0], b = x.v[0];
        return {_mm512_dpbf16_ps(acc.v[0], (__m512bh)a, (__m512bh)b)};
    }
#    endif
#    if defined(__AVX512BW__)
    static QEVAL_INLINE i32x16 lookup_bytes(std::uint8_t const* table, i32x16 const& bytes) {
        return {_mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<__m128i const*>(table))),
                                    bytes.v[0])};
    }
#    endif
    static QEVAL_INLINE f32x16 lookup_floats(float const* table, i32x16 const& i) {
        return {_mm512_permutexvar_ps(i.v[0], _mm512_loadu_ps(table))};
    }
    static QEVAL_INLINE index convert_many(f16 const* in, float* out, index n) {
        index i = 0;
        for (; i + 16 <= n; i += 16)
            _mm512_storeu_ps(out + i, _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(in + i))));
        return i;
    }
    static QEVAL_INLINE index round_many_to_f16(float* x, index n) {
        index i = 0;
        for (; i + 16 <= n; i += 16)
            _mm512_storeu_ps(x + i,
                             _mm512_cvtph_ps(_mm512_cvtps_ph(_mm512_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT)));
        return i;
    }
    static QEVAL_INLINE float largest_magnitude(float const* x) {
        return _mm512_reduce_max_ps(
            _mm512_max_ps(_mm512_abs_ps(_mm512_loadu_ps(x)), _mm512_abs_ps(_mm512_loadu_ps(x + 16))));
    }
    static QEVAL_INLINE void store_low_bytes(i32x16 const& x, std::int32_t* words) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(words), _mm512_cvtepi32_epi8(x.v[0]));
    }
    static QEVAL_INLINE f32x16 from_halves(i32x16 const& bits) {
        return {_mm512_cvtph_ps(_mm512_cvtepi32_epi16(bits.v[0]))};
    }
    static QEVAL_INLINE i32x16 widen(std::uint8_t const* p) {
        return {_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<__m128i const*>(p)))};
    }
    static QEVAL_INLINE i32x16 widen(std::uint16_t const* p) {
        return {_mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(p)))};
    }
#    if defined(__AVX512BW__) && defined(__AVX512VL__)
    static QEVAL_INLINE void transpose_quad(std::uint8_t const* const* row, index offset, index bytes,
                                            std::int32_t* out, word_places place) {
        // register i holds the bytes of rows i, i + 4, i + 8, i + 12: two rounds of unpacking bring four rows together
        __m512i    a[4];
        auto const mask = static_cast<__mmask16>((1u << bytes) - 1u);
        auto const part = [&](int r) QEVAL_LAMBDA_INLINE {
            return bytes == 16 ? _mm_loadu_si128(reinterpret_cast<__m128i const*>(row[r] + offset))
                               : _mm_maskz_loadu_epi8(mask, row[r] + offset);
        };
        QEVAL_UNROLL
        for (int i = 0; i < 4; ++i) {
            __m512i rows = _mm512_castsi128_si512(part(i));
            rows         = _mm512_inserti32x4(rows, part(i + 4), 1);
            rows         = _mm512_inserti32x4(rows, part(i + 8), 2);
            a[i]         = _mm512_inserti32x4(rows, part(i + 12), 3);
        }
        __m512i const lo01 = _mm512_unpacklo_epi32(a[0], a[1]), hi01 = _mm512_unpackhi_epi32(a[0], a[1]);
        __m512i const lo23 = _mm512_unpacklo_epi32(a[2], a[3]), hi23 = _mm512_unpackhi_epi32(a[2], a[3]);
        _mm512_storeu_si512(out + place[0], _mm512_unpacklo_epi64(lo01, lo23));
        if (bytes > 4) _mm512_storeu_si512(out + place[1], _mm512_unpackhi_epi64(lo01, lo23));
        if (bytes > 8) _mm512_storeu_si512(out + place[2], _mm512_unpacklo_epi64(hi01, hi23));
        if (bytes > 12) _mm512_storeu_si512(out + place[3], _mm512_unpackhi_epi64(hi01, hi23));
    }
#    endif
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
#endif
