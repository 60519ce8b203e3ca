// The instructions that xsimd lacks, one seam for each: dot products of bytes and of bf16, table look-ups, half floats, and
// the transpose that brings stored bytes of sixteen rows together.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/compute.hpp>
#include <qeval/kernel/cpu/lanes.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// acc + sum over the four bytes of a lane of u8 * s8; `four` holds the s8 of four columns, the same for all rows.
QEVAL_INLINE i32x16 dot4(i32x16 const& acc, i32x16 const& u8, std::int32_t four) {
#if defined(__AVX512VNNI__)
    i32x16 r;
    r.v[0] = _mm512_dpbusd_epi32(acc.v[0], u8.v[0], _mm512_set1_epi32(four));
    return r;
#elif defined(__AVX2__) && !defined(__AVX512F__)
    // even and odd bytes as 16-bit words: pairs of products fit 32 bits, where adding pairs of byte products may saturate
    __m256i const x = _mm256_set1_epi32(four), even = _mm256_srai_epi16(_mm256_slli_epi16(x, 8), 8), odd = _mm256_srai_epi16(x, 8);
    return lanewise<i32x16>([&](auto sum, auto u) -> i32x16::batch {
        __m256i const products = _mm256_add_epi32(_mm256_madd_epi16(_mm256_and_si256(u, _mm256_set1_epi16(255)), even),
                                                  _mm256_madd_epi16(_mm256_srli_epi16(u, 8), odd));
        return _mm256_add_epi32(sum, products);
    }, acc, u8);
#else
    auto const s8 = [four](int slot) { return i32x16::all(static_cast<std::int32_t>(static_cast<std::uint32_t>(four) << (24 - 8 * slot)) >> 24); };
    return acc + byte_of<0>(u8) * s8(0) + byte_of<1>(u8) * s8(1) + byte_of<2>(u8) * s8(2) + byte_of<3>(u8) * s8(3);
#endif
}

// Zero or subnormal.
QEVAL_INLINE xsimd::batch_bool<float> is_subnormal(xsimd::batch<float> const& x) {
    return xsimd::abs(x) < xsimd::batch<float>(std::numeric_limits<float>::min());
}
// a where the condition holds, else b: their bits, as floats. (Of integers, xsimd 8.1 lets AVX-512 compile only with -O1 and
// more: its `select` has cases for other widths, whose intrinsics are then macros.)
QEVAL_INLINE xsimd::batch<float> choose(xsimd::batch_bool<float> const& condition, xsimd::batch<std::int32_t> const& a, xsimd::batch<std::int32_t> const& b) {
    return xsimd::select(condition, xsimd::bitwise_cast<xsimd::batch<float>>(a), xsimd::bitwise_cast<xsimd::batch<float>>(b));
}

// acc + w[1] * x[1], rounded, + w[0] * x[0], rounded, for the two bf16 of every lane (1: the high one). Subnormal results
// become zero, and so must operands be: what AVX-512's instruction does, on every instruction set.
QEVAL_INLINE f32x16 dot2(i32x16 const& w, i32x16 const& x, f32x16 const& acc) {
#if defined(__AVX512BF16__)
    f32x16 r;
    __m512i const a = w.v[0], b = x.v[0];
    r.v[0] = _mm512_dpbf16_ps(acc.v[0], (__m512bh)a, (__m512bh)b);
    return r;
#else
    auto const flushed = [](f32x16 const& v) {
        return lanewise<f32x16>([](auto u) {
            return choose(is_subnormal(u), xsimd::bitwise_cast<xsimd::batch<std::int32_t>>(u) & std::numeric_limits<std::int32_t>::min(),
                          xsimd::bitwise_cast<xsimd::batch<std::int32_t>>(u));
        }, v);
    };
    constexpr int high = static_cast<int>(0xffff0000u);
    f32x16 const  one  = flushed(multiply_add(as_floats(w & high), as_floats(x & high), acc));
    return flushed(multiply_add(as_floats(w << 16), as_floats(x << 16), one));
#endif
}
// Two numbers to a lane as bf16, rounded to nearest even, `even` in the low half; subnormal ones become zero.
QEVAL_INLINE i32x16 bf16_pair(f32x16 const& even, f32x16 const& odd) {
    auto const rounded = [](f32x16 const& v) {
        return lanewise<i32x16>([](auto x) {
            using ints         = xsimd::batch<std::int32_t>;
            using floats       = xsimd::batch<float>;
            ints const bits    = xsimd::bitwise_cast<ints>(x);
            ints const nearest = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
            ints const r       = xsimd::bitwise_cast<ints>(choose(x != x, (bits >> 16) | 0x40, nearest));
            return xsimd::bitwise_cast<ints>(choose(is_subnormal(xsimd::bitwise_cast<floats>(r << 16)), r & 0x8000, r & 0xffff));
        }, v);
    };
    return rounded(even) | rounded(odd) << 16;
}

// table[i] for each byte i < 16 of `bytes`.
QEVAL_INLINE i32x16 lookup_bytes(std::uint8_t const* table, i32x16 const& bytes) {
#if defined(__AVX512BW__)
    i32x16 r;
    r.v[0] = _mm512_shuffle_epi8(_mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<__m128i const*>(table))), bytes.v[0]);
    return r;
#else
    alignas(64) std::uint32_t word[16];
    bytes.store(reinterpret_cast<std::int32_t*>(word));
    for (auto& w : word) {
        w = std::uint32_t{table[w & 15]} | std::uint32_t{table[w >> 8 & 15]} << 8 | std::uint32_t{table[w >> 16 & 15]} << 16
            | std::uint32_t{table[w >> 24 & 15]} << 24;
    }
    return i32x16::load(reinterpret_cast<std::int32_t const*>(word));
#endif
}
// table[i] for each lane i < 16.
QEVAL_INLINE f32x16 lookup_floats(float const* table, i32x16 const& i) {
#if defined(__AVX512F__)
    f32x16 r;
    r.v[0] = _mm512_permutexvar_ps(i.v[0], _mm512_loadu_ps(table));
    return r;
#else
    alignas(64) std::int32_t lane[16];
    alignas(64) float        out[16];
    i.store(lane);
    for (int k = 0; k < 16; ++k) out[k] = table[lane[k]];
    return f32x16::load(out);
#endif
}

// out[i] = value of number i
QEVAL_INLINE void convert(f32 const* in, float* out, index n) {
    for (index i = 0; i < n; ++i) out[i] = in[i].to_float();
}
QEVAL_INLINE void convert(bf16 const* in, float* out, index n) {
    for (index i = 0; i < n; ++i) out[i] = in[i].to_float();
}
QEVAL_INLINE void convert(f16 const* in, float* out, index n) {
    index i = 0;
#if defined(__AVX512F__)
    for (; i + 16 <= n; i += 16) {
        _mm512_storeu_ps(out + i, _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(in + i))));
    }
#endif
    for (; i < n; ++i) out[i] = in[i].to_float();
}

// x[i] <- x[i] rounded to the compute type; the bits of the scalar round_to.
inline void round_to(compute_type t, float* x, index n) {
    index i = 0;
    if (t == compute_type::f32) return;
#if defined(__AVX512F__)
    for (; t == compute_type::f16 && i + 16 <= n; i += 16) {
        _mm512_storeu_ps(x + i, _mm512_cvtph_ps(_mm512_cvtps_ph(_mm512_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT)));
    }
#endif
    for (; i < n; ++i) x[i] = qeval::round_to(t, x[i]);
}

// [first, last) to the second cache.
inline void prefetch_bytes(void const* first, void const* last) {
    for (auto const* p = static_cast<char const*>(first); p < last; p += 64) __builtin_prefetch(p, 0, 2);
}
// 16 V sums to `rows` consecutive floats, at most.
template <int V>
QEVAL_INLINE void write_rows(float const* sums, index rows, float* out) {
    if (rows >= 16 * V) {
        each<V>([&](auto v) QEVAL_LAMBDA_INLINE { f32x16::load(sums + 16 * v).store(out + 16 * v); });
    } else {
        for (index r = 0; r < rows; ++r) out[r] = sums[r];
    }
}

// The largest |x[i]| of 32.
QEVAL_INLINE float largest_magnitude(float const* x) {
#if defined(__AVX512F__)
    return _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(_mm512_loadu_ps(x)), _mm512_abs_ps(_mm512_loadu_ps(x + 16))));
#else
    float top = 0;
    for (int i = 0; i < 32; ++i) top = top < std::fabs(x[i]) ? std::fabs(x[i]) : top;
    return top;
#endif
}
// words <- x[i] * factor of 32 numbers, rounded to the nearest even int8: adding 3 * 2^22 leaves it in the low bits.
QEVAL_INLINE void round_to_bytes(float const* x, float factor, std::int32_t* words) {
    constexpr float bias = 12582912.0f;
    for (int h = 0; h < 2; ++h) {
        i32x16 const q = as_bits(f32x16::load(x + 16 * h) * f32x16::all(factor) + f32x16::all(bias));
#if defined(__AVX512F__)
        _mm_storeu_si128(reinterpret_cast<__m128i*>(words + 4 * h), _mm512_cvtepi32_epi8(q.v[0]));
#else
        alignas(64) std::int32_t lane[16];
        q.store(lane);
        for (int i = 0; i < 16; ++i) reinterpret_cast<std::int8_t*>(words + 4 * h)[i] = static_cast<std::int8_t>(lane[i] & 255);
#endif
    }
}
// The sum of the 16 int8 of four words.
QEVAL_INLINE std::int32_t sum_of_bytes(std::int32_t const* words) {
#if defined(__SSE2__)
    // unsigned bytes, 128 more than the signed ones, add up in two halves
    __m128i const u = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<__m128i const*>(words)), _mm_set1_epi8(-128));
    __m128i const s = _mm_sad_epu8(u, _mm_setzero_si128());
    return _mm_cvtsi128_si32(s) + _mm_extract_epi16(s, 4) - 16 * 128;
#else
    std::int32_t sum = 0;
    for (int w = 0; w < 4; ++w) {
        for (int shift = 24; shift >= 0; shift -= 8) sum += static_cast<std::int32_t>(static_cast<std::uint32_t>(words[w]) << shift) >> 24;
    }
    return sum;
#endif
}

// Values of f16 bits, one in each 32-bit lane.
QEVAL_INLINE f32x16 from_halves(i32x16 const& bits) {
#if defined(__AVX512F__)
    f32x16 r;
    r.v[0] = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(bits.v[0]));
    return r;
#else
    alignas(64) std::int32_t lane[16];
    alignas(64) float        out[16];
    bits.store(lane);
    for (int i = 0; i < 16; ++i) out[i] = f16{static_cast<std::uint16_t>(lane[i])}.to_float();
    return f32x16::load(out);
#endif
}
// Sixteen bytes, or sixteen 16-bit words, to lanes.
QEVAL_INLINE i32x16 widen(std::uint8_t const* p) {
#if defined(__AVX512F__)
    i32x16 r;
    r.v[0] = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<__m128i const*>(p)));
    return r;
#else
    alignas(64) std::int32_t lane[16];
    for (int i = 0; i < 16; ++i) lane[i] = p[i];
    return i32x16::load(lane);
#endif
}
QEVAL_INLINE i32x16 widen(std::uint16_t const* p) {
#if defined(__AVX512F__)
    i32x16 r;
    r.v[0] = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<__m256i const*>(p)));
    return r;
#else
    alignas(64) std::int32_t lane[16];
    for (int i = 0; i < 16; ++i) lane[i] = p[i];
    return i32x16::load(lane);
#endif
}

// Up to 16 bytes of 16 rows, row r at row[r] + offset, become four words of all rows side by side: out[word][16]. Nothing
// beyond `bytes` is read; what the words hold beyond is zero.
QEVAL_INLINE void transpose_quad(std::uint8_t const* const* row, index offset, index bytes, std::int32_t* out) {
#if defined(__AVX512BW__) && defined(__AVX512VL__)
    // register i holds the bytes of rows i, i + 4, i + 8, i + 12: two rounds of unpacking bring four rows together
    __m512i a[4];
    auto const mask = static_cast<__mmask16>((1u << bytes) - 1u);
    auto const part = [&](int r) QEVAL_LAMBDA_INLINE {
        return bytes == 16 ? _mm_loadu_si128(reinterpret_cast<__m128i const*>(row[r] + offset)) : _mm_maskz_loadu_epi8(mask, row[r] + offset);
    };
#    pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        __m512i rows = _mm512_castsi128_si512(part(i));
        rows         = _mm512_inserti32x4(rows, part(i + 4), 1);
        rows         = _mm512_inserti32x4(rows, part(i + 8), 2);
        a[i]         = _mm512_inserti32x4(rows, part(i + 12), 3);
    }
    __m512i const lo01 = _mm512_unpacklo_epi32(a[0], a[1]), hi01 = _mm512_unpackhi_epi32(a[0], a[1]);
    __m512i const lo23 = _mm512_unpacklo_epi32(a[2], a[3]), hi23 = _mm512_unpackhi_epi32(a[2], a[3]);
    _mm512_storeu_si512(out, _mm512_unpacklo_epi64(lo01, lo23));
    if (bytes > 4) _mm512_storeu_si512(out + 16, _mm512_unpackhi_epi64(lo01, lo23));
    if (bytes > 8) _mm512_storeu_si512(out + 32, _mm512_unpacklo_epi64(hi01, hi23));
    if (bytes > 12) _mm512_storeu_si512(out + 48, _mm512_unpackhi_epi64(hi01, hi23));
#else
    for (index w = 0; 4 * w < bytes; ++w) {
        auto const size = static_cast<std::size_t>(bytes - 4 * w < 4 ? bytes - 4 * w : 4);
        for (int r = 0; r < 16; ++r) {
            std::int32_t word = 0;
            std::memcpy(&word, row[r] + offset + 4 * w, size);
            out[w * 16 + r] = word;
        }
    }
#endif
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
