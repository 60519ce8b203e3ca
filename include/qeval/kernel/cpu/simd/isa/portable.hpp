// What xsimd has no name for, in plain C++ or in its common operations: the definition of every seam
// (kernel/cpu/simd/simd.hpp says what each one means), and the way of instruction sets that override none.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include <qeval/core/half.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/compute.hpp>
#include <qeval/kernel/cpu/simd/lanes.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

using word_places = std::array<int, 4>;

struct portable_operations {
    static QEVAL_INLINE i32x16 byte_of(i32x16 const& a, int slot) { return slot == 0 ? a & 255 : a >> 8 * slot & 255; }
    static QEVAL_INLINE i32x16 dot4(i32x16 const& acc, i32x16 const& u8, std::int32_t four) {
        auto const s8 = [four](int slot) {
            return i32x16::all(static_cast<std::int32_t>(static_cast<std::uint32_t>(four) << (24 - 8 * slot)) >> 24);
        };
        return acc + byte_of(u8, 0) * s8(0) + byte_of(u8, 1) * s8(1) + byte_of(u8, 2) * s8(2) + byte_of(u8, 3) * s8(3);
    }
    static constexpr bool byte_sums_differ = false; // by Bits

    // A dot product over Words dwords, word K = 0, 1, ... in order, of weights below 2^Bits. Sixteen lanes are `parts`
    // registers; add_part is for kernels that have more sums under way than registers, so they take one part of all
    // after the other.
    template <class Isa, int Bits, int Words>
    struct byte_sum {
        static constexpr int offset = 0, parts = 1;
        using weights = i32x16;
        static QEVAL_INLINE weights const& prepared(i32x16 const& u8) { return u8; }
        QEVAL_INLINE void                  begin(std::int32_t start) { sum_ = i32x16::all(start); }
        template <int K>
        QEVAL_INLINE void add(weights const& w, std::int32_t four) {
            sum_ = Isa::dot4(sum_, w, four);
        }
        template <int K, int>
        QEVAL_INLINE void add_part(weights const& w, std::int32_t four) {
            add<K>(w, four);
        }
        [[nodiscard]] QEVAL_INLINE i32x16 const& sum() const { return sum_; }

    private:
        i32x16 sum_;
    };
    // Asks for the cache line of p; where a compiler would gather such requests, not before x is known.
    static QEVAL_INLINE void   prefetch_after(i32x16&, void const* p) { __builtin_prefetch(p, 0, 3); }
    static QEVAL_INLINE f32x16 dot2(i32x16 const& w, i32x16 const& x, f32x16 const& acc) {
        auto const flushed = [](f32x16 const& v) {
            return lanewise<f32x16>(
                [](auto u) {
                    return choose(is_subnormal(u),
                                  xsimd::bitwise_cast<xsimd::batch<std::int32_t>>(u) &
                                      std::numeric_limits<std::int32_t>::min(),
                                  xsimd::bitwise_cast<xsimd::batch<std::int32_t>>(u));
                },
                v);
        };
        constexpr int high = static_cast<int>(0xffff0000u);
        f32x16 const  one  = flushed(multiply_add(as_floats(w & high), as_floats(x & high), acc));
        return flushed(multiply_add(as_floats(w << 16), as_floats(x << 16), one));
    }
    static QEVAL_INLINE i32x16 bf16_pair(f32x16 const& even, f32x16 const& odd) {
        auto const rounded = [](f32x16 const& v) {
            return lanewise<i32x16>(
                [](auto x) {
                    using ints         = xsimd::batch<std::int32_t>;
                    using floats       = xsimd::batch<float>;
                    ints const bits    = xsimd::bitwise_cast<ints>(x);
                    ints const nearest = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
                    ints const r = xsimd::bitwise_cast<ints>(choose(xsimd::isnan(x), (bits >> 16) | 0x40, nearest));
                    return xsimd::bitwise_cast<ints>(
                        choose(is_subnormal(xsimd::bitwise_cast<floats>(r << 16)), r & 0x8000, r & 0xffff));
                },
                v);
        };
        return rounded(even) | rounded(odd) << 16;
    }
    static QEVAL_INLINE i32x16 lookup_bytes(std::uint8_t const* table, i32x16 const& bytes) {
        alignas(64) std::uint32_t word[16];
        bytes.store(reinterpret_cast<std::int32_t*>(word));
        for (auto& w : word) {
            w = std::uint32_t{table[w & 15]} | std::uint32_t{table[w >> 8 & 15]} << 8 |
                std::uint32_t{table[w >> 16 & 15]} << 16 | std::uint32_t{table[w >> 24 & 15]} << 24;
        }
        return i32x16::load(reinterpret_cast<std::int32_t const*>(word));
    }
    static QEVAL_INLINE f32x16 lookup_floats(float const* table, i32x16 const& i) {
        alignas(64) std::int32_t lane[16];
        alignas(64) float        out[16];
        i.store(lane);
        for (int k = 0; k < 16; ++k) out[k] = table[lane[k]];
        return f32x16::load(out);
    }
    // The first numbers of in[n], as many as this instruction set converts at a time; returns how many.
    static QEVAL_INLINE index convert_many(f16 const*, float*, index) { return 0; }
    // Likewise, of x[n] rounded to f16 and back.
    static QEVAL_INLINE index round_many_to_f16(float*, index) { return 0; }

    static QEVAL_INLINE float largest_magnitude(float const* x) {
        float top = 0;
        for (int i = 0; i < 32; ++i) top = top < std::fabs(x[i]) ? std::fabs(x[i]) : top;
        return top;
    }
    static QEVAL_INLINE void store_low_bytes(i32x16 const& x, std::int32_t* words) {
        alignas(64) std::int32_t lane[16];
        x.store(lane);
        for (int i = 0; i < 16; ++i)
            reinterpret_cast<std::uint8_t*>(words)[i] = static_cast<std::uint8_t>(lane[i] & 255);
    }
    static QEVAL_INLINE std::int32_t sum_of_bytes(std::int32_t const* words) {
#if defined(__SSE2__) // every x86-64 has it
        // unsigned bytes, 128 more than the signed ones, add up in two halves
        __m128i const u = _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<__m128i const*>(words)), _mm_set1_epi8(-128));
        __m128i const s = _mm_sad_epu8(u, _mm_setzero_si128());
        return _mm_cvtsi128_si32(s) + _mm_extract_epi16(s, 4) - 16 * 128;
#else
        std::int32_t sum = 0;
        for (int w = 0; w < 4; ++w) {
            for (int shift = 24; shift >= 0; shift -= 8)
                sum += static_cast<std::int32_t>(static_cast<std::uint32_t>(words[w]) << shift) >> 24;
        }
        return sum;
#endif
    }
    static QEVAL_INLINE f32x16 from_halves(i32x16 const& bits) {
        alignas(64) std::int32_t lane[16];
        alignas(64) float        out[16];
        bits.store(lane);
        for (int i = 0; i < 16; ++i) out[i] = f16{static_cast<std::uint16_t>(lane[i])}.to_float();
        return f32x16::load(out);
    }
    template <class T> // std::uint8_t, std::uint16_t
    static QEVAL_INLINE i32x16 widen(T const* p) {
        alignas(64) std::int32_t lane[16];
        for (int i = 0; i < 16; ++i) lane[i] = p[i];
        return i32x16::load(lane);
    }
    static QEVAL_INLINE void transpose_quad(std::uint8_t const* const* row, index offset, index bytes,
                                            std::int32_t* out, word_places place) {
        for (index w = 0; 4 * w < bytes; ++w) {
            auto const size = static_cast<std::size_t>(bytes - 4 * w < 4 ? bytes - 4 * w : 4);
            for (int r = 0; r < 16; ++r) {
                std::int32_t word = 0;
                std::memcpy(&word, row[r] + offset + 4 * w, size);
                out[place[std::size_t(w)] + r] = word;
            }
        }
    }
    static QEVAL_INLINE void gather_halves(std::uint8_t const* const* row, index offset, std::uint8_t* out) {
#if defined(__SSE2__) // in registers: loads of a vector that was stored piece by piece wait for the cache
        auto const half = [&](int r) QEVAL_LAMBDA_INLINE {
            std::int16_t h;
            std::memcpy(&h, row[r] + offset, 2);
            return h;
        };
        for (int r = 0; r < 16; r += 8) {
            __m128i const eight = _mm_setr_epi16(half(r), half(r + 1), half(r + 2), half(r + 3), half(r + 4),
                                                 half(r + 5), half(r + 6), half(r + 7));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 2 * r), eight);
        }
#else
        for (int r = 0; r < 16; ++r) std::memcpy(out + 2 * r, row[r] + offset, 2);
#endif
    }

private:
    // Zero or subnormal.
    static QEVAL_INLINE xsimd::batch_bool<float> is_subnormal(xsimd::batch<float> const& x) {
        return xsimd::abs(x) < xsimd::batch<float>(std::numeric_limits<float>::min());
    }
    // a where the condition holds, else b: their bits, as floats. (Of integers, xsimd 8.1 lets AVX-512 compile only
    // with -O1 and more: its `select` has cases for other widths, whose intrinsics are then macros.)
    static QEVAL_INLINE xsimd::batch<float> choose(xsimd::batch_bool<float> const&   condition,
                                                   xsimd::batch<std::int32_t> const& a,
                                                   xsimd::batch<std::int32_t> const& b) {
        return xsimd::select(condition, xsimd::bitwise_cast<xsimd::batch<float>>(a),
                             xsimd::bitwise_cast<xsimd::batch<float>>(b));
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
