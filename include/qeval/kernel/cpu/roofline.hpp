// The limits of this machine, each measured on the threads of a pool with little but the instruction in question: what
// a kernel's speed is a fraction of. Clocks, neighbours and the host's memory change within seconds, so measure a limit
// right beside the kernel.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/simd/unroll.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Seconds that f() takes.
template <class F>
double seconds_of(F&& f) {
    using clock      = std::chrono::steady_clock;
    auto const start = clock::now();
    f();
    return std::chrono::duration<double>(clock::now() - start).count();
}

class roofline {
public:
    explicit roofline(thread_pool& pool, std::size_t read_bytes = std::size_t{512} << 20)
        : pool_(&pool), memory_(read_bytes) {}

    // Each call is one measurement of some 10 ms. Operations per second; a multiplication and an addition are two.
    [[nodiscard]] double fma() const {
        return compute<float>(2, 0.5f, [](auto& acc, auto const& x) QEVAL_LAMBDA_INLINE {
#if defined(__AVX512F__)
            asm volatile("vfmadd231ps %1, %1, %0" : "+v"(acc) : "v"(x));
#elif defined(__AVX2__) && defined(__FMA__)
            asm volatile("vfmadd231ps %1, %1, %0" : "+x"(acc) : "x"(x));
#else
            acc = xsimd::fma(xsimd::batch<float>(x), xsimd::batch<float>(x), xsimd::batch<float>(acc));
#endif
        });
    }
    // The cheapest product of bytes that this build has: one instruction with VNNI; in AVX2 the multiplication that
    // adds pairs of products to 16 bits, and an addition. No exact dot product can be quicker, and most cannot be as
    // quick.
    [[nodiscard]] double int8_dot() const {
        return compute<std::int32_t>(2 * 4, 0x01020304, [](auto& acc, auto const& x) QEVAL_LAMBDA_INLINE {
#if defined(__AVX512VNNI__)
            asm volatile("vpdpbusd %1, %1, %0" : "+v"(acc) : "v"(x));
#elif defined(__AVX512BW__)
            asm volatile("vpmaddubsw %1, %1, %%zmm31\n\tvpaddw %%zmm31, %0, %0" : "+v"(acc) : "v"(x) : "xmm31");
#elif defined(__AVX2__)
            asm volatile("vpmaddubsw %1, %1, %%ymm15\n\tvpaddw %%ymm15, %0, %0" : "+x"(acc) : "x"(x) : "xmm15");
#else
            xsimd::batch<std::int32_t> const operand(x);
            acc = xsimd::batch<std::int32_t>(acc) + operand * operand; // of a lane's four bytes, one at a time
#endif
        });
    }
    [[nodiscard]] double bf16_dot() const { // the FMA's where there is no such instruction: widening is then the way
#if defined(__AVX512BF16__)
        return compute<std::int32_t>(2 * 2, 0x3f003f00, [](auto& acc, auto const& x) QEVAL_LAMBDA_INLINE {
            asm volatile("vdpbf16ps %1, %1, %0" : "+v"(acc) : "v"(x));
        });
#else
        return fma();
#endif
    }
    // Bytes per second from memory, one sequential stream for each thread.
    [[nodiscard]] double read() const {
        constexpr index stretch = index{4} << 20;
        index const     pieces  = static_cast<index>(memory_.size()) / stretch;
        double const    s       = seconds_of([&] {
            pool_->for_chunks(pieces, 1, [&](index piece, index) {
                auto const* p = reinterpret_cast<std::int32_t const*>(memory_.data() + piece * stretch);
                i32x16      acc[8];
                QEVAL_UNROLL
                for (int j = 0; j < 8; ++j) {
                    acc[j] = i32x16::all(0);
                }
                for (index i = 0; i < stretch / 4; i += 8 * 16) {
                    QEVAL_UNROLL
                    for (int j = 0; j < 8; ++j) {
                        acc[j] = acc[j] ^ i32x16::load(p + i + 16 * j);
                    }
                }
                QEVAL_UNROLL
                for (int j = 0; j < 7; ++j) {
                    acc[0] = acc[0] ^ acc[j + 1];
                }
                for (auto const& v : acc[0].v) asm volatile("" ::"m"(v)); // counts as a use
            });
        });
        return static_cast<double>(pieces * stretch) / s;
    }

private:
    // 12 independent chains hide the latency of every instruction we use on every core we know. Assembly in `step` and
    // plain registers, because compilers spill even here.
    template <class Number, class Step>
    [[nodiscard]] double compute(int operations_of_a_lane, Number operand, Step const& step) const {
        using batch            = xsimd::batch<Number>;
        constexpr int   chains = 12;
        constexpr index rounds = 1 << 14;
        index const     tasks  = index{64} * pool_->size();
        double const    s      = seconds_of([&] {
            pool_->for_chunks(tasks, 1, [operand, step](index, index) {
                typename batch::register_type x = batch(operand), acc[chains];
                QEVAL_UNROLL
                for (int j = 0; j < chains; ++j) {
                    acc[j] = batch(static_cast<Number>(0));
                }
                for (index i = 0; i < rounds; ++i) {
                    QEVAL_UNROLL
                    for (int j = 0; j < chains; ++j) {
                        step(acc[j], x);
                    }
                }
                batch sum(acc[0]); // its address, not the registers', goes to the assembly that counts as a use
                each<chains - 1>([&](auto j) QEVAL_LAMBDA_INLINE { sum = sum + batch(acc[j + 1]); });
                asm volatile("" ::"m"(sum));
            });
        });
        return static_cast<double>(tasks * rounds * chains * operations_of_a_lane) * static_cast<double>(batch::size) /
               s;
    }

    thread_pool*  pool_;
    aligned_bytes memory_;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
