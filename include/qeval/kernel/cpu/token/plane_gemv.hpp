// Matrix times vector on the exact path for codes in planes: the codes of sixteen rows, unpacked to the first cache,
// meet the token as floats that are never stored. Numerics: dot_exact in kernel/reference.hpp, the bits of the matrix
// product.
#pragma once

#include <algorithm>
#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/weight/lane_weight.hpp>
#include <qeval/kernel/cpu/weight/plane_codes.hpp>
#include <qeval/kernel/cpu/weight/row_groups.hpp>
#include <qeval/kernel/tuning/cpu.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

template <class F>
concept has_plane_gemv = in_planes<F> && has_lanes<F>;

template <has_plane_gemv F>
class plane_gemv {
    using planes = plane_codes<typename F::packing_type>;

public:
    // Rows are whole quads, and no quad meets two groups.
    [[nodiscard]] static bool fits(packed_view<F> const& m) {
        return m.cols % 4 == 0 && m.cell.geometry.lines_up(4, m.cols) && planes::fits(m.cols, 0);
    }

    // out[16] = rows [row0, row0 + 16) times x: chunk after chunk, [chain][length / 4].
    static void run(packed_view<F> const& m, index row0, float const* x, float* out) {
        alignas(64) std::int32_t words[tuning::k_chunk * 4];
        row_groups<F> const      rows(m);
        f32x16                   total = f32x16::all(0);
        for (index k0 = 0; k0 < m.cols; k0 += tuning::k_chunk, x += tuning::k_chunk) {
            index const length = std::min(tuning::k_chunk, m.cols - k0), quarter = length / 4;
            planes::prefetch(m.cell.codes, m.rows, m.cols, row0 + 16, k0, length);
            rows.codes(row0, k0, length, words);
            f32x16 chain[4];
            QEVAL_UNROLL
            for (int c = 0; c < 4; ++c) chain[c] = f32x16::all(0);
            for (index k = 0; k < length;) {
                index const            end = std::min(length, rows.group_end(k0 + k) - k0);
                group_parameters const p   = rows.parameters_at(row0, k0 + k);
                for (; k < end; k += 4) {
                    i32x16 const four = i32x16::load(words + k * 4);
                    QEVAL_UNROLL
                    for (int c = 0; c < 4; ++c) {
                        f32x16 const xc = f32x16::all(x[c * quarter + k / 4]);
                        chain[c]        = multiply_add(lane_weight<F>::of(byte_of(four, c), p), xc, chain[c]);
                    }
                }
            }
            total = total + ((chain[0] + chain[1]) + (chain[2] + chain[3]));
        }
        total.store(out);
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
