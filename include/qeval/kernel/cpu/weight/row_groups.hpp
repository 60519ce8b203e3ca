// Codes and parameters of 16 rows, asked for a row and a group at a time: what any format of codes, levels and groups
// can answer, where its stored bytes give no lanes. Rows beyond the matrix repeat its last one.
#pragma once

#include <algorithm>
#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/format/affine.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/weight/plane_codes.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// What the weights of a group share, for 16 rows.
struct group_parameters {
    f32x16 scale, zero, offset;
};

template <class F>
class row_groups {
public:
    explicit row_groups(packed_view<F> const& m) : m_(m) {}

    [[nodiscard]] affine group_at(index r, index k) const {
        if constexpr (in_blocks<F>) {
            return F::group(m_.row(r)[k / F::block_size], static_cast<int>(k % F::block_size) / group_size_of<F>);
        } else {
            return F::group(m_.cell, m_.cell.geometry.group_of(r, k, m_.cols));
        }
    }
    [[nodiscard]] index group_end(index k) const {
        if constexpr (in_blocks<F>) {
            return std::min(m_.cols, k / F::block_size * F::block_size +
                                         (k % F::block_size / group_size_of<F> + 1) * group_size_of<F>);
        } else {
            return m_.cell.geometry.run_end(0, k, m_.cols);
        }
    }
    [[nodiscard]] index clamped(index r) const { return std::min(r, m_.rows - 1); }

    // Parameters at depth k, asked row by row.
    [[nodiscard]] group_parameters parameters_at(index row0, index k) const {
        alignas(64) float scale[16], zero[16], offset[16];
        for (index r = 0; r < 16; ++r) {
            affine const a = group_at(clamped(row0 + r), k);
            scale[r] = a.scale, zero[r] = a.zero, offset[r] = a.offset;
        }
        return {f32x16::load(scale), f32x16::load(zero), f32x16::load(offset)};
    }
    // Codes of depths [k0, k0 + n), four to a lane.
    void codes(index row0, index k0, index n, std::int32_t* words) const {
        if constexpr (in_planes<F>) {
            if (plane_codes<typename F::packing_type>::unpack(m_.cell.codes, m_.rows, m_.cols, row0, k0, n, words))
                return;
        }
        for (index r = 0; r < 16; ++r) {
            for (index k = 0; k < (n + 3) / 4 * 4; ++k) {
                unsigned code = 0;
                if (k < n) {
                    if constexpr (in_blocks<F>) {
                        code = F::code(m_.row(clamped(row0 + r))[(k0 + k) / F::block_size],
                                       static_cast<int>((k0 + k) % F::block_size));
                    } else {
                        code = F::code(m_.cell, clamped(row0 + r) * m_.cols + k0 + k);
                    }
                }
                reinterpret_cast<std::uint8_t*>(words + k / 4 * 16 + r)[k % 4] = static_cast<std::uint8_t>(code);
            }
        }
    }

private:
    packed_view<F> m_;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
