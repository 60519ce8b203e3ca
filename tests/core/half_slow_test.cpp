// All 2^32 floats: f16 against the F16C instructions of the CPU, bf16 against exact distances.
#include <atomic>
#include <cstdint>

#include <tests/support/catch.hpp>

#if defined(__F16C__)
#    include <immintrin.h>
#endif

#include <tests/support/data.hpp>

#include <qeval/core/half.hpp>
#include <qeval/core/thread_pool.hpp>

namespace {

// Calls differs(first, count) for ranges that cover all bit patterns; the number of patterns that differ.
template <class Differs>
std::uint64_t count_over_all_floats(Differs differs) {
    std::atomic<std::uint64_t> total{0};
    qeval::thread_pool         pool;
    pool.for_chunks(qeval::index(1) << 32, qeval::index(1) << 22, [&](qeval::index begin, qeval::index end) {
        total += differs(std::uint32_t(begin), std::uint32_t(end - begin));
    });
    return total;
}

} // namespace

TEST_CASE("f16 conversion is bit for bit what F16C instructions do, for all 2^32 floats") {
#if defined(__F16C__)
    auto const differs = [](std::uint32_t first, std::uint32_t count) {
        std::uint64_t n = 0;
        for (std::uint32_t i = 0; i < count; i += 8) {
            alignas(16) std::uint16_t hardware[8];
            alignas(32) std::uint32_t in[8];
            for (std::uint32_t j = 0; j < 8; ++j) in[j] = first + i + j;
            __m256 const x = _mm256_castsi256_ps(_mm256_load_si256(reinterpret_cast<__m256i const*>(in)));
            _mm_store_si128(reinterpret_cast<__m128i*>(hardware), _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
            for (std::uint32_t j = 0; j < 8; ++j)
                n += qeval::f16::from(qeval::bit_cast<float>(in[j])).bits != hardware[j];
        }
        return n;
    };
    CHECK(count_over_all_floats(differs) == 0);

    int wrong = 0;
    for (int c = 0; c < 65536; ++c) { // and back, NaN payloads included
        float const hardware = _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(c)));
        wrong += qeval::bit_cast<std::uint32_t>(qeval::f16{std::uint16_t(c)}.to_float()) !=
                 qeval::bit_cast<std::uint32_t>(hardware);
    }
    CHECK(wrong == 0);
#else
    qeval_test::skip("this build has no F16C instructions to compare f16 with");
#endif
}

TEST_CASE("bf16 conversion gives the nearer of two neighbours and the even one of a tie, for all 2^32 floats") {
    auto const differs = [](std::uint32_t first, std::uint32_t count) {
        std::uint64_t n = 0;
        for (std::uint32_t i = 0; i < count; ++i) {
            std::uint32_t const u = first + i, exponent = u >> 23 & 255u;
            auto const          got = qeval::bf16::from(qeval::bit_cast<float>(u)).bits;
            if (exponent == 255 && (u & 0x7fffffu) != 0) { // NaN: quiet, same sign and upper payload
                n += got != ((u >> 16) | 0x40u);
                continue;
            }
            // Neighbours in magnitude; the distance in units of the binary32's last place needs no arithmetic on
            // floats.
            std::uint32_t const below = u >> 16, rest = u & 0xffffu;
            bool const          up = rest > 0x8000u || (rest == 0x8000u && (below & 1u) != 0);
            n += got != below + (up ? 1u : 0u);
        }
        return n;
    };
    CHECK(count_over_all_floats(differs) == 0);
}
