// The seams of kernel/cpu/simd/simd.hpp in AVX2 with FMA and F16C: sixteen lanes are two registers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/simd/isa/portable.hpp>
#include <qeval/kernel/cpu/simd/lanes.hpp>
#if defined(__AVX2__) && defined(__FMA__) && !defined(__AVX512F__)
namespace qeval::cpu {
inline namespace QEVAL_ISA {

struct avx2_operations : portable_operations {
    // A byte is moved and the others cleared by one shuffle, or by one shift.
    static QEVAL_INLINE i32x16 byte_of(i32x16 const& a, int slot) {
        if (slot == 0) return a & 255;
        if (slot == 3) return {_mm256_srli_epi32(a.v[0], 24), _mm256_srli_epi32(a.v[1], 24)};
        int const     from  = slot + static_cast<int>(0x80808000u); // the other bytes of a lane: from nowhere
        __m128i const four  = _mm_setr_epi32(from, from + 4, from + 8, from + 12);
        __m256i const there = _mm256_broadcastsi128_si256(four);
        return {_mm256_shuffle_epi8(a.v[0], there), _mm256_shuffle_epi8(a.v[1], there)};
    }
    static constexpr bool byte_sums_differ = true;

    // Pairs of byte products are added to 16 bits, where so many words of small weights have room before the sum goes
    // to 32.
    template <class, int Bits, int Words>
    struct byte_sum {
        static_assert(Bits < 8);
        static constexpr int offset = 0, parts = 2, room = 32767 / (2 * 127 * ((1 << Bits) - 1)),
                             together = room < Words ? room : Words;
        using weights                 = i32x16;
        static QEVAL_INLINE weights prepared(i32x16 u8) {
            kept(u8.v[0].data), kept(u8.v[1].data);
            return u8;
        }
        QEVAL_INLINE void begin(std::int32_t start) { start_ = start; }
        template <int K>
        QEVAL_INLINE void add(weights const& w, std::int32_t four) {
            add_part<K, 0>(w, four), add_part<K, 1>(w, four);
        }
        template <int K, int I>
        QEVAL_INLINE void add_part(weights const& w, std::int32_t four) {
            __m256i const products = _mm256_maddubs_epi16(w.v[I], _mm256_set1_epi32(four));
            shorts_[I]             = K % together == 0 ? products : _mm256_add_epi16(shorts_[I], products);
            in_order(shorts_[I]);
            if constexpr (K % together == together - 1 || K == Words - 1) {
                __m256i const pairs = _mm256_madd_epi16(shorts_[I], _mm256_set1_epi16(1));
                sum_[I]             = K < together ? pairs : _mm256_add_epi32(sum_[I], pairs);
            }
        }
        [[nodiscard]] QEVAL_INLINE i32x16 sum() const { // only now: the register is free until then
            __m256i const start = _mm256_set1_epi32(start_);
            return {_mm256_add_epi32(sum_[0], start), _mm256_add_epi32(sum_[1], start)};
        }

    private:
        std::int32_t start_;
        __m256i      shorts_[2], sum_[2];
    };
    // Weights of all bytes, less 128: magnitudes times activations that take over the sign have sums of pairs below
    // 2^15.
    template <class Isa, int Words>
    struct byte_sum<Isa, 8, Words> {
        static constexpr int offset = 128, parts = 2;
        struct weights {
            __m256i value[2], magnitude[2];
        };
        static QEVAL_INLINE weights prepared(i32x16 const& u8) {
            weights w;
            QEVAL_UNROLL
            for (int i = 0; i < 2; ++i) {
                w.value[i]     = _mm256_xor_si256(u8.v[i], _mm256_set1_epi8(-128));
                w.magnitude[i] = _mm256_abs_epi8(w.value[i]);
            }
            return w;
        }
        QEVAL_INLINE void begin(std::int32_t start) { sum_[0] = sum_[1] = _mm256_set1_epi32(start); }
        template <int K>
        QEVAL_INLINE void add(weights const& w, std::int32_t four) {
            add_part<K, 0>(w, four), add_part<K, 1>(w, four);
        }
        template <int K, int I>
        QEVAL_INLINE void add_part(weights const& w, std::int32_t four) {
            __m256i const products =
                _mm256_maddubs_epi16(w.magnitude[I], _mm256_sign_epi8(_mm256_set1_epi32(four), w.value[I]));
            sum_[I] = _mm256_add_epi32(sum_[I], _mm256_madd_epi16(products, _mm256_set1_epi16(1)));
            in_order(sum_[I]);
        }
        [[nodiscard]] QEVAL_INLINE i32x16 sum() const { return {sum_[0], sum_[1]}; }

    private:
        __m256i sum_[2];
    };
    static QEVAL_INLINE void prefetch_after(i32x16& x, void const* p) {
        asm("prefetcht0 %1" : "+x"(x.v[0].data) : "m"(*static_cast<char const*>(p)));
    }
    static QEVAL_INLINE i32x16 lookup_bytes(std::uint8_t const* table, i32x16 const& bytes) {
        __m256i const t = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<__m128i const*>(table)));
        return {_mm256_shuffle_epi8(t, bytes.v[0]), _mm256_shuffle_epi8(t, bytes.v[1])};
    }
    static QEVAL_INLINE f32x16 lookup_floats(float const* table, i32x16 const& i) {
        // a permutation takes the low three bits of an index; the fourth one, moved to the sign, picks the half of the
        // table
        __m256 const low = _mm256_loadu_ps(table), high = _mm256_loadu_ps(table + 8);
        return lanewise<f32x16>(
            [&](auto lane) QEVAL_LAMBDA_INLINE -> f32x16::batch {
                return _mm256_blendv_ps(_mm256_permutevar8x32_ps(low, lane), _mm256_permutevar8x32_ps(high, lane),
                                        _mm256_castsi256_ps(_mm256_slli_epi32(lane, 28)));
            },
            i);
    }
#    if defined(__F16C__)
    static QEVAL_INLINE index convert_many(f16 const* in, float* out, index n) {
        index i = 0;
        for (; i + 8 <= n; i += 8)
            _mm256_storeu_ps(out + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<__m128i const*>(in + i))));
        return i;
    }
    static QEVAL_INLINE index round_many_to_f16(float* x, index n) {
        index i = 0;
        for (; i + 8 <= n; i += 8)
            _mm256_storeu_ps(x + i,
                             _mm256_cvtph_ps(_mm256_cvtps_ph(_mm256_loadu_ps(x + i), _MM_FROUND_TO_NEAREST_INT)));
        return i;
    }
    static QEVAL_INLINE f32x16 from_halves(i32x16 const& bits) {
        return lanewise<f32x16>(
            [](auto b) QEVAL_LAMBDA_INLINE -> f32x16::batch {
                return _mm256_cvtph_ps(_mm_packus_epi32(_mm256_castsi256_si128(b), _mm256_extracti128_si256(b, 1)));
            },
            bits);
    }
#    endif
    static QEVAL_INLINE float largest_magnitude(float const* x) {
        __m256 const sign = _mm256_set1_ps(-0.0f);
        auto const part = [&](int i) QEVAL_LAMBDA_INLINE { return _mm256_andnot_ps(sign, _mm256_loadu_ps(x + 8 * i)); };
        __m256 const all = _mm256_max_ps(_mm256_max_ps(part(0), part(1)), _mm256_max_ps(part(2), part(3)));
        __m128       top = _mm_max_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
        top              = _mm_max_ps(top, _mm_movehl_ps(top, top));
        return _mm_cvtss_f32(_mm_max_ss(top, _mm_movehdup_ps(top)));
    }
    static QEVAL_INLINE void store_low_bytes(i32x16 const& x, std::int32_t* words) {
        auto const low = [](auto v)
                             QEVAL_LAMBDA_INLINE -> __m256i { return _mm256_and_si256(v, _mm256_set1_epi32(255)); };
        // packing works inside halves of 128 bits: lanes 0-3, 8-11 | 4-7, 12-15
        __m256i const shorts = _mm256_packus_epi32(low(x.v[0]), low(x.v[1]));
        __m256i const bytes  = _mm256_packus_epi16(shorts, shorts);
        __m256i const sorted = _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 0, 4, 1, 5));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(words), _mm256_castsi256_si128(sorted));
    }
    static QEVAL_INLINE i32x16 widen(std::uint8_t const* p) {
        __m128i const bytes = _mm_loadu_si128(reinterpret_cast<__m128i const*>(p));
        return {_mm256_cvtepu8_epi32(bytes), _mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8))};
    }
    static QEVAL_INLINE i32x16 widen(std::uint16_t const* p) {
        auto const half = [p](int h) QEVAL_LAMBDA_INLINE {
            return _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<__m128i const*>(p + 8 * h)));
        };
        return {half(0), half(1)};
    }
    static QEVAL_INLINE void transpose_quad(std::uint8_t const* const* row, index offset, index bytes,
                                            std::int32_t* out, word_places place) {
        auto const part = [&](int r) QEVAL_LAMBDA_INLINE {
            if (bytes == 16) return _mm_loadu_si128(reinterpret_cast<__m128i const*>(row[r] + offset));
            alignas(16) std::uint8_t some[16] = {};
            std::memcpy(some, row[r] + offset, static_cast<std::size_t>(bytes));
            return _mm_load_si128(reinterpret_cast<__m128i const*>(some));
        };
        // register i holds the bytes of rows i and i + 4: two rounds of unpacking bring four rows together
        QEVAL_UNROLL
        for (int h = 0; h < 2; ++h) {
            __m256i a[4];
            QEVAL_UNROLL
            for (int i = 0; i < 4; ++i)
                a[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(part(8 * h + i)), part(8 * h + i + 4), 1);
            __m256i const lo01 = _mm256_unpacklo_epi32(a[0], a[1]), hi01 = _mm256_unpackhi_epi32(a[0], a[1]);
            __m256i const lo23 = _mm256_unpacklo_epi32(a[2], a[3]), hi23 = _mm256_unpackhi_epi32(a[2], a[3]);
            auto const    put = [&](int w, __m256i v) QEVAL_LAMBDA_INLINE {
                _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + place[std::size_t(w)] + 8 * h), v);
            };
            put(0, _mm256_unpacklo_epi64(lo01, lo23));
            if (bytes > 4) put(1, _mm256_unpackhi_epi64(lo01, lo23));
            if (bytes > 8) put(2, _mm256_unpacklo_epi64(hi01, hi23));
            if (bytes > 12) put(3, _mm256_unpackhi_epi64(hi01, hi23));
        }
    }

private:
    // Unsigned bytes are the operand that cannot come from memory: the compiler would load them again for every token,
    // and loads are what such a kernel has too many of.
    static QEVAL_INLINE void kept(__m256i& weights) { asm("" : "+x"(weights)); }
    // The compiler would add up integers as a tree, whose leaves all wait in memory; so no sum may change its order.
    static QEVAL_INLINE void in_order(__m256i& sum) { asm("" : "+x"(sum)); }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
#endif
