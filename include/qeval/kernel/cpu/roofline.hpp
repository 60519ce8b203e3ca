// The limits of this machine, each measured on the threads of a pool with little but the instruction in question: what a
// kernel's speed is a fraction of. Clocks, neighbours and the host's memory change within seconds, so measure a limit right
// beside the kernel.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/cpu/simd.hpp>
#include <qeval/kernel/cpu/unroll.hpp>
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
    explicit roofline(thread_pool& pool, std::size_t read_bytes = std::size_t{512} << 20) : pool_(&pool), memory_(read_bytes) {}

    // Each call is one measurement of some 10 ms. Operations per second; a multiplication and an addition are two.
    [[nodiscard]] double fma() const {
        return compute<f32x16>(2 * 16, 0.5f, [](f32x16& acc, f32x16 const& x) QEVAL_LAMBDA_INLINE {
#if defined(__AVX512F__)
            asm volatile("vfmadd231ps %1, %1, %0" : "+v"(acc.v[0].data) : "v"(x.v[0].data));
#else
            acc = multiply_add(x, x, acc);
#endif
        });
    }
    [[nodiscard]] double int8_dot() const { // as dot4 of this build: one instruction with VNNI, several without
        return compute<i32x16>(2 * 64, 0x01020304, [](i32x16& acc, i32x16 const& x) QEVAL_LAMBDA_INLINE {
#if defined(__AVX512VNNI__)
            asm volatile("vpdpbusd %1, %1, %0" : "+v"(acc.v[0].data) : "v"(x.v[0].data));
#else
            acc = dot4(acc, x, 0x01020304);
#endif
        });
    }
    [[nodiscard]] double bf16_dot() const { // the FMA's where there is no such instruction: widening is then the way
#if defined(__AVX512BF16__)
        return compute<i32x16>(2 * 32, 0x3f003f00, [](i32x16& acc, i32x16 const& x) QEVAL_LAMBDA_INLINE {
            asm volatile("vdpbf16ps %1, %1, %0" : "+v"(acc.v[0].data) : "v"(x.v[0].data));
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
                each<8>([&](auto j) QEVAL_LAMBDA_INLINE { acc[j] = i32x16::all(0); });
                for (index i = 0; i < stretch / 4; i += 8 * 16) {
                    each<8>([&](auto j) QEVAL_LAMBDA_INLINE { acc[j] = acc[j] ^ i32x16::load(p + i + 16 * j); });
                }
                each<8>([&](auto j) QEVAL_LAMBDA_INLINE { keep(acc[j]); });
            });
        });
        return static_cast<double>(pieces * stretch) / s;
    }

private:
    // The value counts as used: the compiler must compute it.
    template <class Lanes>
    static QEVAL_INLINE void keep(Lanes const& lanes) {
        for (auto const& v : lanes.v) asm volatile("" ::"m"(v));
    }
    // 12 independent chains hide the latency of every instruction we use on every core we know. Assembly in `step`, because
    // compilers spill registers even here.
    template <class Lanes, class Number, class Step>
    [[nodiscard]] double compute(int operations, Number operand, Step const& step) const {
        constexpr int   chains = 12;
        constexpr index rounds = 1 << 14;
        index const     tasks  = index{64} * pool_->size();
        double const    s      = seconds_of([&] {
            pool_->for_chunks(tasks, 1, [operand, step](index, index) {
                auto const x = Lanes::all(operand);
                Lanes      acc[chains];
                each<chains>([&](auto j) QEVAL_LAMBDA_INLINE { acc[j] = Lanes::all(static_cast<Number>(0)); });
                for (index i = 0; i < rounds; ++i) {
                    each<chains>([&](auto j) QEVAL_LAMBDA_INLINE { step(acc[j], x); });
                }
                each<chains>([&](auto j) QEVAL_LAMBDA_INLINE { keep(acc[j]); });
            });
        });
        return static_cast<double>(tasks * rounds * chains * operations) / s;
    }

    thread_pool*  pool_;
    aligned_bytes memory_;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
