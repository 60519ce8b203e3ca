// Matrix times vector for weights that are stored as numbers: sixteen bytes of sixteen rows at a time, transposed in
// registers. Numerics: dot_exact in kernel/reference.hpp, the bits of the matrix product.
#pragma once

#include <algorithm>
#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/weight/stored_numbers.hpp>
#include <qeval/kernel/tuning/cpu.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Stored f32, f16 or bf16.
template <dense_format F>
class dense_gemv {
    using numbers              = stored_numbers<F>;
    static constexpr int depth = numbers::depth;

public:
    // Rows are whole numbers of 16 bytes.
    [[nodiscard]] static bool fits(packed_view<F> const& m) { return m.cols % depth == 0; }

    // out[16] = rows [row0, row0 + 16) times x: chunk after chunk, [chain][length / 4].
    QEVAL_FLATTEN static void run(packed_view<F> const& m, index row0, float const* x, float* out) {
        rows16 const rows  = numbers::rows_of(m, row0);
        auto const*  ahead = row0 + 32 <= m.rows ? reinterpret_cast<char const*>(m.row(row0 + 16)) : nullptr;
        f32x16       total = f32x16::all(0);
        for (index k0 = 0; k0 < m.cols; k0 += tuning::k_chunk, x += tuning::k_chunk) {
            index const length = std::min(tuning::k_chunk, m.cols - k0), quarter = length / 4;
            f32x16      chain[4];
            QEVAL_UNROLL
            for (int c = 0; c < 4; ++c) chain[c] = f32x16::all(0);
            for (index k = 0; k < length; k += depth) {
                if (ahead != nullptr) { // the next sixteen rows are one stretch of memory: a single stream at this pace
                    for (int line = 0; line < 4; ++line) __builtin_prefetch(ahead + 64 * line, 0, 2);
                    ahead += 256;
                }
                alignas(64) std::int32_t word[64];
                numbers::load(rows, k0 + k, depth, word);
                QEVAL_UNROLL
                for (int j = 0; j < depth; ++j) {
                    f32x16 const xj = f32x16::all(x[j % 4 * quarter + k / 4 + j / 4]);
                    chain[j % 4]    = multiply_add(numbers::value(word, j), xj, chain[j % 4]);
                }
            }
            total = total + ((chain[0] + chain[1]) + (chain[2] + chain[3]));
        }
        total.store(out);
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
