// Matrix times vector on the integer path for codes in planes: the codes of sixteen rows, unpacked to the first cache,
// meet the token 32 weights at a time. Numerics: dot_integer in kernel/reference.hpp, the bits of the matrix product.
#pragma once

#include <algorithm>
#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/simd/unroll.hpp>
#include <qeval/kernel/cpu/token/integer_activation.hpp>
#include <qeval/kernel/cpu/weight/lane_weight.hpp>
#include <qeval/kernel/cpu/weight/plane_codes.hpp>
#include <qeval/kernel/cpu/weight/row_groups.hpp>
#include <qeval/kernel/cpu/weight/vector_levels.hpp>
#include <qeval/kernel/integer_form.hpp>
#include <qeval/kernel/tuning/cpu.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

template <class F>
concept has_plane_integer_gemv = in_planes<F> && has_integer_levels<F> && integer_form_of<F>
.scale_groups == 1;

template <has_plane_integer_gemv F>
class plane_integer_gemv {
    using levels = vector_levels<typename F::levels_type>;
    using planes = plane_codes<typename F::packing_type>;

    static constexpr integer_form form = integer_form_of<F>;
    using byte_dot                     = byte_sum<byte_sum_bits(form.bits), 8>;

public:
    // Rows are whole blocks of the activations, and no block meets two groups.
    [[nodiscard]] static bool fits(packed_view<F> const& m) {
        return m.cols % 32 == 0 && m.cell.geometry.lines_up(32, m.cols) && planes::fits(m.cols, 0);
    }

    // out[16] = rows [row0, row0 + 16) times the only token of x.
    static void run(packed_view<F> const& m, index row0, integer_activation const* x, float* out) {
        constexpr index          chunk = tuning::chunk_blocks * 32;
        integer_inputs<1> const* token = x->tile<1>(0, x->blocks(), 0);
        std::int32_t const*      sum   = x->sums(1).data();
        alignas(64) std::int32_t words[chunk * 4];
        row_groups<F> const      rows(m);
        f32x16                   acc = f32x16::all(0);
        for (index k0 = 0; k0 < m.cols; k0 += chunk) {
            index const length = std::min(chunk, m.cols - k0);
            planes::prefetch(m.cell.codes, m.rows, m.cols, row0 + 16, k0, length);
            rows.codes(row0, k0, length, words);
            for (index k = 0; k < length;) {
                index const            end   = std::min(length, rows.group_end(k0 + k) - k0);
                group_parameters const p     = rows.parameters_at(row0, k0 + k);
                f32x16 const           scale = p.scale * f32x16::all(levels::facts.unit);
                i32x16 const           zero  = zero_of(p);
                for (; k < end; k += 32, ++token, ++sum) {
                    byte_dot dot;
                    dot.begin((form.lowest + byte_dot::offset) * *sum);
                    each<8>([&](auto i) QEVAL_LAMBDA_INLINE {
                        i32x16 bytes = levels::bytes(i32x16::load(words + (k + 4 * i) * 4));
                        if constexpr (in_bytes) bytes = bytes + zero;
                        dot.template add<i>(byte_dot::prepared(bytes), token->words[i][0]);
                    });
                    i32x16 d = dot.sum();
                    if constexpr (form.row_zeros) d = d - zero * i32x16::all(*sum);
                    acc = multiply_add(to_float(d) * scale, f32x16::all(token->scale[0]), acc);
                    if constexpr (form.offset_groups != 0)
                        acc = multiply_add(p.offset, f32x16::all(token->sum[0][0]), acc);
                }
            }
        }
        acc.store(out);
    }

private:
    static constexpr bool in_bytes = highest_zero<F> > 0 && !form.row_zeros; // the zero point goes into the bytes

    static QEVAL_INLINE i32x16 zero_of(group_parameters const& p) {
        if constexpr (in_bytes) return (i32x16::all(highest_zero<F>) - to_integer(p.zero)) * i32x16::all(0x01010101);
        return form.row_zeros ? to_integer(p.zero) : i32x16::all(0);
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
