// The panel_source of every format: bytes as they lie in the file -> panels. Three decoders, chosen by what the format
// offers: lanes (codes unpacked, transposed, then levels and affines for 16 rows at a time), numbers (stored floats), and
// scalar (decode() weight by weight). All give the bits of decode().
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <qeval/core/macros.hpp>
#include <qeval/kernel/cpu/panel.hpp>
#include <qeval/kernel/cpu/simd.hpp>
#include <qeval/kernel/cpu/unpack_codes.hpp>
#include <qeval/kernel/cpu/vector_levels.hpp>
#include <qeval/kernel/tuning/cpu.hpp>
#include <qeval/pack/decode.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Every group of every row starts and ends on the same columns, multiples of `unit`, so that 16 rows can be decoded together.
template <class F>
constexpr bool groups_align(packed_view<F> const& m, int unit) {
    if constexpr (in_blocks<F>) {
        return group_size_of<F> % unit == 0;
    } else {
        return m.cell.geometry.lines_up(unit, m.cols);
    }
}

// Groups in 32 columns on the integer path, 0 where groups and 16s do not fit together. For planes the matrix has a say:
// see integer_groups_in.
template <class F>
constexpr int integer_groups_of() {
    if constexpr (!has_integer_levels<F>) {
        return 0;
    } else if constexpr (in_blocks<F>) {
        return group_size_of<F> % 32 == 0 ? 1 : group_size_of<F> % 16 == 0 ? 2 : 0;
    } else {
        return 1;
    }
}
template <class F>
constexpr int integer_groups_in(packed_view<F> const& m) {
    return in_blocks<F> || groups_align(m, 32) ? integer_groups_of<F>() : 0;
}

template <class F>
class unpacked_panel final : public panel_source {
public:
    explicit unpacked_panel(packed_view<F> const& m) : m_(m), aligned_(groups_align(m, 4)) {}

    [[nodiscard]] index rows() const override { return m_.rows; }
    [[nodiscard]] index cols() const override { return m_.cols; }
    [[nodiscard]] int   integer_groups() const override { return integer_groups_in(m_); }

    [[nodiscard]] std::string_view decoder() const {
        if constexpr (has_lanes<F>) {
            return aligned_ ? "lanes" : "scalar";
        } else {
            return dense_format<F> ? "numbers" : "scalar";
        }
    }

    void floats(index row0, index k0, index n, float* out, index stride) const override {
        for (index k = 0; k < n; k += step) { // bounded buffers, whatever the kernel's chunk
            index const part = std::min(step, n - k);
            floats_part(row0, k0 + k, part, out + k / 4 * stride, stride, n / 4);
        }
    }
    void integers(index row0, index k0, index n, integer_panel const& out) const override {
        if constexpr (integer_groups_of<F>() != 0) {
            for (index k = 0; k < n; k += step) {
                index const groups = k / 32 * integer_groups_of<F>() * 16;
                integers_part(row0, k0 + k, std::min(step, n - k),
                              {out.words + k / 4 * 16, out.scales + groups, out.offsets + groups, out.zeros + groups});
            }
        }
    }

private:
    static constexpr index step = 512; // columns in the buffers below: 16 rows of codes take 8 KiB

    [[nodiscard]] static constexpr index room() { // a row of codes, and the rest of the last block
        if constexpr (in_blocks<F>) {
            return step + F::block_size;
        } else {
            return step;
        }
    }
    [[nodiscard]] affine group_at(index r, index k) const {
        if constexpr (in_blocks<F>) {
            return F::group(m_.row(r)[k / F::block_size], static_cast<int>(k % F::block_size) / group_size_of<F>);
        } else {
            return F::group(m_.cell, m_.cell.geometry.group_of(r, k, m_.cols));
        }
    }
    [[nodiscard]] index group_end(index k) const {
        if constexpr (in_blocks<F>) {
            return std::min(m_.cols, k / F::block_size * F::block_size + (k % F::block_size / group_size_of<F> + 1) * group_size_of<F>);
        } else {
            return m_.cell.geometry.run_end(0, k, m_.cols);
        }
    }
    // Codes of 16 rows, four columns to a word, rows side by side; zero beyond the matrix.
    void code_words(index row0, index k0, index n, std::uint32_t* words) const {
        alignas(64) std::uint8_t codes[16][static_cast<std::size_t>(room())];
        void const*              row[16];
        index const              inside = std::max<index>(0, std::min(n, m_.cols - k0));
        for (index r = 0; r < 16; ++r) {
            if (row0 + r < m_.rows && inside > 0) unpack_codes(m_, row0 + r, k0, inside, codes[r]);
            index const valid = row0 + r < m_.rows ? inside : 0;
            std::fill(codes[r] + valid, codes[r] + n, std::uint8_t{0});
            row[r] = codes[r];
        }
        transpose_words(row, n / 4, words);
    }
    // Affines of the group at column k for 16 rows; rows beyond the matrix get weight 0.
    struct affine16 {
        alignas(64) float scale[16], zero[16], offset[16];
    };
    void affines(index row0, index k, affine16& a) const {
        for (index r = 0; r < 16; ++r) {
            affine const p = row0 + r < m_.rows ? group_at(row0 + r, k) : affine{0, 0, 0};
            a.scale[r] = p.scale, a.zero[r] = p.zero, a.offset[r] = p.offset;
        }
    }

    // Columns [k0, k0 + n) to chains of `quarter` vectors each.
    void floats_part(index row0, index k0, index n, float* out, index stride, index quarter) const {
        if constexpr (has_lanes<F>) {
            if (aligned_) return floats_by_lanes(row0, k0, n, out, stride, quarter);
        }
        alignas(64) float         values[16][step];
        alignas(64) std::uint32_t words[step * 16];
        void const*               row[16];
        index const               inside = std::max<index>(0, std::min(n, m_.cols - k0));
        for (index r = 0; r < 16; ++r) {
            index const valid = row0 + r < m_.rows ? inside : 0;
            if constexpr (dense_format<F>) {
                if (valid > 0) convert(m_.row(row0 + r) + k0, values[r], valid);
            } else {
                decode_row(m_, row0 + r, k0, {values[r], static_cast<std::size_t>(valid)});
            }
            std::fill(values[r] + valid, values[r] + n, 0.0f);
            row[r] = values[r];
        }
        transpose_words(row, n, words);
        for (index k = 0; k < n; ++k) {
            i32x16::load(reinterpret_cast<std::int32_t const*>(words) + k * 16)
                .store(reinterpret_cast<std::int32_t*>(out + (k % 4 * quarter + k / 4) * stride));
        }
    }
    void floats_by_lanes(index row0, index k0, index n, float* out, index stride, index quarter) const
        requires has_lanes<F>
    {
        alignas(64) std::uint32_t words[step / 4 * 16];
        code_words(row0, k0, n, words);
        affine16 a;
        for (index k = 0; k < n;) {
            if (k0 + k >= m_.cols) { // padding up to a multiple of 4
                for (; k < n; ++k) f32x16::all(0).store(out + (k % 4 * quarter + k / 4) * stride);
                return;
            }
            affines(row0, k0 + k, a);
            f32x16 const scale = f32x16::load(a.scale), zero = f32x16::load(a.zero), offset = f32x16::load(a.offset);
            index const  end = std::min(n, group_end(k0 + k) - k0);
            for (; k < end; k += 4) {
                i32x16 const four  = i32x16::load(reinterpret_cast<std::int32_t const*>(words) + k / 4 * 16);
                auto const   write = [&](int chain, i32x16 const& code) QEVAL_LAMBDA_INLINE {
                    f32x16 const v = scale * (vector_levels<typename F::levels_type>::floats(code) - zero) + offset;
                    v.store(out + (chain * quarter + k / 4) * stride);
                };
                write(0, byte_of<0>(four)), write(1, byte_of<1>(four)), write(2, byte_of<2>(four)), write(3, byte_of<3>(four));
            }
            for (index past = end; past < k; ++past) f32x16::all(0).store(out + (past % 4 * quarter + past / 4) * stride);
        }
    }
    void integers_part(index row0, index k0, index n, integer_panel const& out) const
        requires(integer_groups_of<F>() != 0)
    {
        using levels         = vector_levels<typename F::levels_type>;
        constexpr int groups = integer_groups_of<F>();
        code_words(row0, k0, n, out.words);
        auto* const words = reinterpret_cast<std::int32_t*>(out.words);
        for (index w = 0; w < n / 4; ++w) levels::bytes(i32x16::load(words + w * 16)).store(words + w * 16);
        affine16 a;
        for (index g = 0; g < n / 32 * groups; ++g) {
            index const k = k0 + g * (32 / groups);
            if (g == 0 || group_end(std::min(k, m_.cols) - 1) <= k) affines(row0, std::min(k, m_.cols - 1), a);
            for (int r = 0; r < 16; ++r) {
                out.scales[g * 16 + r]  = a.scale[r] * levels::facts.unit;
                out.offsets[g * 16 + r] = a.offset[r];
                out.zeros[g * 16 + r]   = levels::facts.lowest - static_cast<std::int32_t>(a.zero[r]);
            }
        }
    }

    packed_view<F> m_;
    bool           aligned_;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
