// Sixteen lanes of float or int32, one for each output row of a panel; the only header that includes xsimd. The
// instructions that xsimd lacks (byte dot product, table look-up, half floats) have their seams here.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

// GCC 12 takes the deliberately undefined operands inside its own AVX-512 intrinsics for mistakes (bug 105593).
#if defined(__GNUC__) && !defined(__clang__)
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#    pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#if defined(__AVX2__) || defined(__AVX512F__)
#    include <immintrin.h>
#endif
#include <xsimd/xsimd.hpp>
#if defined(__GNUC__) && !defined(__clang__)
#    pragma GCC diagnostic pop
#endif

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/compute.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

template <class T>
struct lanes16 {
    using batch                = xsimd::batch<T>;
    static constexpr int width = static_cast<int>(batch::size);
    static constexpr int count = 16 / width;
    static_assert(count * width == 16, "qeval: a panel is 16 rows; registers wider than 512 bits need a layout of their own");
    std::array<batch, std::size_t(count)> v;

    static QEVAL_INLINE lanes16 load(T const* p) {
        lanes16 r;
        for (int i = 0; i < count; ++i) r.v[std::size_t(i)] = batch::load_unaligned(p + i * width);
        return r;
    }
    static QEVAL_INLINE lanes16 all(T x) {
        lanes16 r;
        for (int i = 0; i < count; ++i) r.v[std::size_t(i)] = batch(x);
        return r;
    }
    QEVAL_INLINE void store(T* p) const {
        for (int i = 0; i < count; ++i) v[std::size_t(i)].store_unaligned(p + i * width);
    }
};
using f32x16 = lanes16<float>;
using i32x16 = lanes16<std::int32_t>; // also 16 x 4 bytes: four consecutive columns of 16 rows

// Applies f register by register.
template <class R, class F, class A, class... Rest>
QEVAL_INLINE R lanewise(F&& f, A const& a, Rest const&... rest) {
    R r;
    for (std::size_t i = 0; i < a.v.size(); ++i) r.v[i] = f(a.v[i], rest.v[i]...);
    return r;
}
QEVAL_INLINE f32x16 operator+(f32x16 const& a, f32x16 const& b) { return lanewise<f32x16>([](auto x, auto y) { return x + y; }, a, b); }
QEVAL_INLINE f32x16 operator-(f32x16 const& a, f32x16 const& b) { return lanewise<f32x16>([](auto x, auto y) { return x - y; }, a, b); }
QEVAL_INLINE f32x16 operator*(f32x16 const& a, f32x16 const& b) { return lanewise<f32x16>([](auto x, auto y) { return x * y; }, a, b); }
QEVAL_INLINE i32x16 operator*(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>([](auto x, auto y) { return x * y; }, a, b); }
QEVAL_INLINE i32x16 operator+(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>([](auto x, auto y) { return x + y; }, a, b); }
QEVAL_INLINE i32x16 operator-(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>([](auto x, auto y) { return x - y; }, a, b); }
QEVAL_INLINE i32x16 operator&(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>([](auto x, auto y) { return x & y; }, a, b); }
QEVAL_INLINE i32x16 operator|(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>([](auto x, auto y) { return x | y; }, a, b); }
QEVAL_INLINE i32x16 operator^(i32x16 const& a, i32x16 const& b) { return lanewise<i32x16>([](auto x, auto y) { return x ^ y; }, a, b); }
QEVAL_INLINE i32x16 operator-(i32x16 const& a, int b) { return a - i32x16::all(b); }
QEVAL_INLINE i32x16 operator&(i32x16 const& a, int b) { return a & i32x16::all(b); }
QEVAL_INLINE i32x16 operator^(i32x16 const& a, int b) { return a ^ i32x16::all(b); }
QEVAL_INLINE i32x16 operator<<(i32x16 const& a, int n) { return lanewise<i32x16>([n](auto x) { return x << n; }, a); }
QEVAL_INLINE i32x16 operator>>(i32x16 const& a, int n) { return lanewise<i32x16>([n](auto x) { return x >> n; }, a); } // arithmetic

// A lane as four bytes, in the expressions of packings (core/bits.hpp).
QEVAL_INLINE i32x16 lane_mask(int bits, i32x16 const*) { return i32x16::all(static_cast<std::int32_t>(((1u << bits) - 1u) * 0x01010101u)); }

QEVAL_INLINE i32x16 as_bits(f32x16 const& x) { return lanewise<i32x16>([](auto v) { return xsimd::bitwise_cast<xsimd::batch<std::int32_t>>(v); }, x); }
QEVAL_INLINE f32x16 as_floats(i32x16 const& bits) { return lanewise<f32x16>([](auto x) { return xsimd::bitwise_cast<xsimd::batch<float>>(x); }, bits); }
QEVAL_INLINE f32x16 operator-(f32x16 const& a) { return as_floats(as_bits(a) ^ std::numeric_limits<std::int32_t>::min()); } // of 0, too: -0

// a * b + c, rounded once where there is an instruction for it (xsimd 8.1 has none for AVX-512).
QEVAL_INLINE f32x16 multiply_add(f32x16 const& a, f32x16 const& b, f32x16 const& c) {
    return lanewise<f32x16>([](auto x, auto y, auto z) -> f32x16::batch {
#if defined(__AVX512F__)
        return _mm512_fmadd_ps(x, y, z);
#elif defined(__AVX2__) && defined(__FMA__)
        return _mm256_fmadd_ps(x, y, z);
#else
        return xsimd::fma(x, y, z);
#endif
    }, a, b, c);
}
QEVAL_INLINE f32x16 to_float(i32x16 const& a) {
    return lanewise<f32x16>([](auto x) { return xsimd::to_float(x); }, a);
}
// Byte `Slot` of every 32-bit lane, as 0 .. 255.
template <int Slot>
QEVAL_INLINE i32x16 byte_of(i32x16 const& a) {
    return lanewise<i32x16>([](auto x) { return Slot == 3 ? (x >> 24) & 255 : (x >> (8 * Slot)) & 255; }, a);
}

// acc + sum over the four bytes of a lane of u8 * s8; `four` holds the s8 of four columns, the same for all rows.
QEVAL_INLINE i32x16 dot4(i32x16 const& acc, i32x16 const& u8, std::int32_t four) {
#if defined(__AVX512VNNI__)
    i32x16 r;
    r.v[0] = _mm512_dpbusd_epi32(acc.v[0], u8.v[0], _mm512_set1_epi32(four));
    return r;
#else
    auto const s8 = [four](int slot) { return i32x16::all(static_cast<std::int32_t>(static_cast<std::uint32_t>(four) << (24 - 8 * slot)) >> 24); };
    return acc + byte_of<0>(u8) * s8(0) + byte_of<1>(u8) * s8(1) + byte_of<2>(u8) * s8(2) + byte_of<3>(u8) * s8(3);
#endif
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

// 16 rows of `words` 32-bit words, row r at in[r], become out[word][16]. One transpose for codes and floats alike.
inline void transpose_words(void const* const* in, index words, std::uint32_t* out) {
    index w = 0;
#if defined(__AVX512F__)
    for (; w + 16 <= words; w += 16) {
        __m512i a[16], b[16];
#    pragma GCC unroll 16
        for (int r = 0; r < 16; ++r) a[r] = _mm512_loadu_si512(static_cast<std::byte const*>(in[r]) + w * 4);
#    pragma GCC unroll 8
        for (int r = 0; r < 16; r += 2) { // pairs of rows, then of pairs: words meet inside 128-bit quarters
            b[r]     = _mm512_unpacklo_epi32(a[r], a[r + 1]);
            b[r + 1] = _mm512_unpackhi_epi32(a[r], a[r + 1]);
        }
#    pragma GCC unroll 4
        for (int r = 0; r < 16; r += 4) {
            a[r]     = _mm512_unpacklo_epi64(b[r], b[r + 2]);
            a[r + 1] = _mm512_unpackhi_epi64(b[r], b[r + 2]);
            a[r + 2] = _mm512_unpacklo_epi64(b[r + 1], b[r + 3]);
            a[r + 3] = _mm512_unpackhi_epi64(b[r + 1], b[r + 3]);
        }
#    pragma GCC unroll 4
        for (int c = 0; c < 4; ++c) { // then the quarters change places
            __m512i const lo02 = _mm512_shuffle_i32x4(a[c], a[c + 4], 0x88), hi02 = _mm512_shuffle_i32x4(a[c + 8], a[c + 12], 0x88);
            __m512i const lo13 = _mm512_shuffle_i32x4(a[c], a[c + 4], 0xdd), hi13 = _mm512_shuffle_i32x4(a[c + 8], a[c + 12], 0xdd);
            _mm512_storeu_si512(out + (w + c) * 16, _mm512_shuffle_i32x4(lo02, hi02, 0x88));
            _mm512_storeu_si512(out + (w + c + 4) * 16, _mm512_shuffle_i32x4(lo13, hi13, 0x88));
            _mm512_storeu_si512(out + (w + c + 8) * 16, _mm512_shuffle_i32x4(lo02, hi02, 0xdd));
            _mm512_storeu_si512(out + (w + c + 12) * 16, _mm512_shuffle_i32x4(lo13, hi13, 0xdd));
        }
    }
#endif
    for (; w < words; ++w) {
        for (int r = 0; r < 16; ++r) std::memcpy(out + w * 16 + r, static_cast<std::byte const*>(in[r]) + w * 4, 4);
    }
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
