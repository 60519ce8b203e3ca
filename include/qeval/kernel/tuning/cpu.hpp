// Tile sizes of the CPU kernels: numbers only. None changes a result but `k_chunk` and `lanes`, which are parts of the
// order of additions and of the layout of panels: they are stated here, and are the same on every machine.
#pragma once

#include <qeval/core/view.hpp>

namespace qeval::tuning {

inline constexpr int   lanes   = 16;  // rows of a vector; the layout of panels
inline constexpr index k_chunk = 512; // the numerics of the exact path: see kernel/reference.hpp

#if defined(__AVX512F__)
inline constexpr int exact_vectors     = 3; // 3 x 16 rows times 8 tokens: 24 accumulators of 32 registers
inline constexpr int exact_tokens      = 8;
inline constexpr int exact_strips      = 4; // of rows, unpacked together: 400 KiB of the L2 cache
inline constexpr int exact_near_strips = 1; // of which so many keep a chain, 24 KiB each, in the L1 cache
inline constexpr int exact_unroll      = 1; // steps of a chain between two branches
inline constexpr int integer_vectors   = 2; // 2 x 16 rows times 6 tokens: 12 sums and 12 accumulators
inline constexpr int integer_tokens    = 6;
inline constexpr int attention_pages   = 2; // vectors of 16 positions, or of 16 values, that 6 queries meet at a time
#else
inline constexpr int exact_vectors =
    1; // 16 rows are 2 registers of AVX2, times 6 tokens: 12 accumulators of 16 registers
inline constexpr int   exact_tokens      = 6;
inline constexpr int   exact_strips      = 9;
inline constexpr int   exact_near_strips = 3;
inline constexpr int   exact_unroll      = 4;
inline constexpr int   integer_vectors   = 1;
inline constexpr int   integer_tokens    = 3;
inline constexpr int   attention_pages   = 1;
#endif
inline constexpr index chunk_blocks =
    16; // blocks of 32 depths unpacked at a time on the integer path: 2 x 16 rows fit the L1 cache
inline constexpr index integer_strips = 4;  // strips of rows that share one sweep of a chunk through the L2 cache
inline constexpr index pack_tokens    = 48; // activation rows that one task prepares; whole tiles

// Bytes by which a core asks for a sequential stream ahead of its own prefetcher. Intel's Xeons gain a third (4 and 6
// bits on Emerald Rapids); AMD's Zen 4 loses up to half.
#if defined(__znver1__) || defined(__znver2__) || defined(__znver3__) || defined(__znver4__) || defined(__znver5__)
inline constexpr index stream_ahead = 0;
#else
inline constexpr index stream_ahead      = index{16} << 10;
#endif

// The same, asked for line by line between the instructions of a kernel: a core waits when it asks for many at once. On
// Zen 3, of a read speed of 11 to 14 GB/s, 6-bit super-blocks take 4 to 5 without it, 8 to 9 with it (at 8 KiB), 4-bit
// ones 7 to 8 and 9. Of 19 to 22 GB/s, medians of 9: 8 bits 15.3 at 8 KiB and 16.0 at 16, 6 bits 13.0 and 15.0, 4
// bits 14.9 at both. No other cores.
#if defined(__znver1__) || defined(__znver2__) || defined(__znver3__)
inline constexpr index paced_ahead = index{16} << 10;
#else
inline constexpr index paced_ahead       = 0;
#endif

} // namespace qeval::tuning
