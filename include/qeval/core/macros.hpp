// The only place that asks which compiler is at work.
#pragma once

#if defined(__CUDACC__)
#    define QEVAL_HD __host__ __device__ // callable from kernels and from the host
#else
#    define QEVAL_HD
#endif

// Whether templates that device code shares may be given compiler vectors: encoders then take many blocks at a time.
#if defined(__CUDACC__)
#    define QEVAL_VECTORS 0
#else
#    define QEVAL_VECTORS 1
#endif

// How the kernels are inlined: small functions inside unrolled register tiles always (outlined, they would pass every
// register through memory), and lambdas too (the attribute stands after the parameter list); functions in which much is
// unrolled take in all they call at once, where GCC's late inliner is quadratic in the calls. A sanitizer watches every
// load: functions stay apart there, each watched once.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#    define QEVAL_INLINE inline __attribute__((always_inline))
#    define QEVAL_LAMBDA_INLINE __attribute__((always_inline))
#    define QEVAL_FLATTEN __attribute__((flatten))
#    define QEVAL_NOINLINE __attribute__((noinline)) // registers for itself
#else
#    define QEVAL_INLINE inline
#    define QEVAL_LAMBDA_INLINE
#    define QEVAL_FLATTEN
#    define QEVAL_NOINLINE
#endif

// Before a loop over registers, of a length that the compiler knows: every step becomes code of its own, and an array
// that the loop indexes stays in registers.
#if defined(__clang__)
#    define QEVAL_UNROLL _Pragma("clang loop unroll(full)")
#else
#    define QEVAL_UNROLL _Pragma("GCC unroll 64")
#endif

// Of functions that cost a compiler much: X.hpp declares them, X_body.hpp defines them. Without a library that holds
// them the one includes the other; with it, only the library's units include bodies, and all others link what it holds.
// qeval::base holds those of core and io, qeval::driver those of cli.
#if defined(QEVAL_BASE_LIBRARY)
#    define QEVAL_BASE_ONCE
#else
#    define QEVAL_BASE_ONCE inline
#endif
#if defined(QEVAL_DRIVER_LIBRARY)
#    define QEVAL_DRIVER_ONCE
#else
#    define QEVAL_DRIVER_ONCE inline
#endif

// The instruction set of this translation unit, an identifier: CPU kernels built with other flags must not meet at link
// time.
#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VNNI__) && defined(__AVX512BF16__)
#    define QEVAL_ISA avx512_vnni_bf16
#elif defined(__AVX512F__) && defined(__AVX512BW__)
#    define QEVAL_ISA avx512
#elif defined(__AVX2__) && defined(__FMA__)
#    define QEVAL_ISA avx2
#else
#    define QEVAL_ISA generic
#endif

#define QEVAL_STRINGIFY_(x) #x
#define QEVAL_STRINGIFY(x) QEVAL_STRINGIFY_(x)
