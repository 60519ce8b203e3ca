// Tile sizes of the CPU kernels: numbers only. None of them changes a result.
#pragma once

#include <qeval/core/view.hpp>

namespace qeval::tuning {

inline constexpr int   lanes     = 16;  // rows of a vector; part of the layout of panels
inline constexpr index k_chunk   = 512; // part of the numerics of the exact path: see kernel/reference.hpp
inline constexpr index k_integer = 512; // columns unpacked at a time on the integer path; a multiple of 32

#if defined(__AVX512F__)
inline constexpr int exact_vectors = 3; // 3 x 16 rows times 8 columns: 24 accumulators of 32 registers
inline constexpr int exact_columns = 8;
#else
inline constexpr int exact_vectors = 1; // 16 rows are 2 (AVX2) or 4 registers, times 4 columns
inline constexpr int exact_columns = 4;
#endif
inline constexpr int   integer_panels  = 4; // 16-row panels that share one sweep over the activations
inline constexpr int   integer_columns = 8;
inline constexpr index pack_columns    = 32; // activation rows that one task prepares

} // namespace qeval::tuning
