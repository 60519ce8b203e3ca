// The panel_source of every format: bytes as they lie in the file -> panels. Three decoders, chosen by what the format
// offers: lanes (stored dwords of 16 rows interleaved, codes by the packing's expression, levels and parameters for 16
// rows at a time: block_unpack.hpp for blocks, here for planes), numbers (stored floats), and scalar (decode() weight
// by weight). All give the bits of decode().
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include <qeval/core/macros.hpp>
#include <qeval/kernel/cpu/panel/block_unpack.hpp>
#include <qeval/kernel/cpu/panel/panel.hpp>
#include <qeval/kernel/cpu/panel/panel_writer.hpp>
#include <qeval/kernel/cpu/simd/simd.hpp>
#include <qeval/kernel/cpu/token/token_kernels.hpp>
#include <qeval/kernel/cpu/weight/block_groups.hpp>
#include <qeval/kernel/cpu/weight/interleave.hpp>
#include <qeval/kernel/cpu/weight/lane_weight.hpp>
#include <qeval/kernel/cpu/weight/row_groups.hpp>
#include <qeval/kernel/cpu/weight/stored_numbers.hpp>
#include <qeval/kernel/cpu/weight/vector_levels.hpp>
#include <qeval/kernel/integer_form.hpp>
#include <qeval/pack/decode.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Every group of every row starts and ends on the same depths, multiples of `unit`, so that 16 rows can be decoded
// together.
template <class F>
constexpr bool groups_align(packed_view<F> const& m, int unit) {
    if constexpr (in_blocks<F>) {
        return group_size_of<F> % unit == 0;
    } else {
        return m.cell.geometry.lines_up(unit, m.cols);
    }
}

// Groups in 32 depths on the integer path, 0 where groups and 16s do not fit together. For planes the matrix has a
// say: see integer_groups_in.
template <class F>
constexpr int integer_groups_of() {
    return integer_form_of<F>.scale_groups;
}
template <class F>
constexpr int integer_groups_in(packed_view<F> const& m) {
    return in_blocks<F> || groups_align(m, 32) ? integer_groups_of<F>() : 0;
}

// Made for a path that asks for no more than Parts.
template <class F, panel_parts Parts = panel_parts::all>
class unpacked_panel final : public panel_source {
public:
    explicit unpacked_panel(packed_view<F> const& m) : m_(m), by_row_(m), aligned_(groups_align(m, 4)) {}

    [[nodiscard]] index rows() const override { return m_.rows; }
    [[nodiscard]] index cols() const override { return m_.cols; }

    [[nodiscard]] std::string_view decoder() const {
        if constexpr (has_lanes<F>) {
            return aligned_ ? "lanes" : "scalar";
        } else {
            return dense_format<F> ? "numbers" : "scalar";
        }
    }

    void floats(index row0, index k0, index n, float* out, index stride) const override {
        float_sink const to{out, stride, n / 4};
        index const      inside = std::clamp<index>(m_.cols - k0, 0, n);
        if constexpr (!has_floats(Parts)) {
            return;
        } else if constexpr (has_block_rows<F>) {
            block_unpack<F>::floats(filed_groups<F>(m_, row0), k0, inside, to);
        } else if constexpr (dense_format<F>) {
            numbers(row0, k0, inside, to);
        } else {
            for (index k = 0; k < inside; k += step) floats_part(row0, k0 + k, std::min(step, inside - k), to.from(k));
        }
        to.zeros(inside, n); // last: words of four weights may end behind the matrix, where a file has any bytes
    }
    void integers(index row0, index k0, index n, integer_panel const& out) const override {
        if constexpr (has_integers(Parts) && integer_groups_of<F>() != 0) {
            index const inside = std::clamp<index>(m_.cols - k0, 0, n);
            if constexpr (has_block_rows<F>) {
                block_unpack<F>::integers(filed_groups<F>(m_, row0), k0, inside, out);
            } else {
                for (index k = 0; k < inside; k += step) {
                    integer_panel part = out;
                    part.data += k / 32 * part.record() * part.vectors * 16;
                    integers_part(row0, k0 + k, std::min(step, inside - k), part);
                }
            }
        }
    }
    [[nodiscard]] integer_form integers_as() const override {
        integer_form form{};
        if constexpr (integer_groups_of<F>() != 0) {
            if (integer_groups_in(m_) != 0) form = integer_form_of<F>;
            form.short_scales = form.short_scales && fused_multiply_add; // else converting is exact, and the way
        }
        return form;
    }

    void prefetch(index row0, index n, index k0, index cols) const override {
        if constexpr (in_blocks<F>) {
            index const last = std::min(k0 + cols, m_.cols) - 1;
            for (index r = row0; r < std::min(row0 + n, m_.rows) && k0 <= last; ++r) {
                prefetch_bytes(m_.row(r) + k0 / F::block_size, m_.row(r) + last / F::block_size + 1);
            }
        }
    }

    [[nodiscard]] std::unique_ptr<row_product> token_product([[maybe_unused]] float const* x,
                                                             [[maybe_unused]] int          threads) const override {
        if constexpr (has_float_tokens(Parts)) return token_kernels<F>::exact(m_, x, threads);
        return nullptr;
    }
    [[nodiscard]] std::unique_ptr<row_product> token_product([[maybe_unused]] integer_activation const& x,
                                                             [[maybe_unused]] int threads) const override {
        if constexpr (has_integers(Parts)) return token_kernels<F>::integer(m_, x, threads);
        return nullptr;
    }

private:
    static constexpr index step = 512; // depths in the buffers below, whatever the kernel's chunk

    QEVAL_FLATTEN void numbers(index row0, index k0, index n, float_sink const& to) const {
        using stored         = stored_numbers<F>;
        constexpr int depth  = stored::depth;
        rows16 const  rows   = stored::rows_of(m_, row0);
        auto const    unpack = [&](index k, index count) QEVAL_LAMBDA_INLINE {
            alignas(64) std::int32_t word[64];
            stored::load(rows, k0 + k, count, word);
            QEVAL_UNROLL
            for (int j = 0; j < depth; ++j) {
                if (j < count) stored::value(word, j).store(to.at(k + j));
            }
        };
        index k = 0;
        for (; k + depth <= n; k += depth) unpack(k, depth);
        if (k < n) unpack(k, n - k);
    }
    void floats_part(index row0, index k0, index n, float_sink const& to) const {
        if constexpr (has_lanes<F>) {
            if (aligned_) {
                alignas(64) std::int32_t words[step * 4];
                by_row_.codes(row0, k0, n, words);
                for (index k = 0; k < n;) {
                    index const end = std::min(n, by_row_.group_end(k0 + k) - k0);
                    panel_writer<F>::floats(words + k * 4, k, end, by_row_.parameters_at(row0, k0 + k), to);
                    k = end;
                }
                return;
            }
        }
        alignas(64) float values[16][step];
        alignas(64) float by_depth[step][16];
        rows16 const      rows = rows16::of(values, sizeof(values[0]), 16);
        for (index r = 0; r < 16; ++r) {
            decode_row(m_, by_row_.clamped(row0 + r), k0, {values[r], static_cast<std::size_t>(n)});
        }
        interleave_words(rows, 0, n * 4, reinterpret_cast<std::int32_t*>(by_depth));
        for (index k = 0; k < n; ++k) f32x16::load(by_depth[k]).store(to.at(k));
    }
    void integers_part(index row0, index k0, index n, integer_panel const& to) const
        requires(integer_groups_of<F>() != 0) {
        using levels                  = vector_levels<typename F::levels_type>;
        constexpr integer_form   form = integer_form_of<F>;
        alignas(64) std::int32_t words[step * 4];
        by_row_.codes(row0, k0, n, words);
        for (index k = 0; k < n;) {
            index const end = by_row_.group_end(k0 + k) >= m_.cols ? n : std::min(n, by_row_.group_end(k0 + k) - k0);
            group_parameters const p    = by_row_.parameters_at(row0, k0 + k);
            i32x16                 zero = i32x16::all(0);
            if constexpr (lane_weight<F>::has_zero && !form.row_zeros)
                zero = (i32x16::all(highest_zero<F>) - to_integer(p.zero)) * i32x16::all(0x01010101);
            panel_writer<F>::parameters(k, end, p, to);
            for (; k < end; k += 4) {
                (levels::bytes(i32x16::load(words + k * 4)) + zero).store(to.at(k / 32, static_cast<int>(k % 32 / 4)));
            }
        }
        constexpr index unit = 32 / form.scale_groups;
        panel_writer<F>::no_groups((n + unit - 1) / unit * unit, (n + 31) / 32 * 32, to);
    }

    packed_view<F> m_;
    row_groups<F>  by_row_;
    bool           aligned_;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
