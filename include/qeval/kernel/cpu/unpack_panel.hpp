// The panel_source of every format: bytes as they lie in the file -> panels. Three decoders, chosen by what the format
// offers: lanes (stored dwords of 16 rows interleaved, codes by the packing's expression, levels and parameters for 16 rows
// at a time), numbers (stored floats), and scalar (decode() weight by weight). All give the bits of decode().
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <qeval/core/macros.hpp>
#include <qeval/kernel/cpu/block_lanes.hpp>
#include <qeval/kernel/cpu/column_kernels.hpp>
#include <qeval/kernel/cpu/interleave.hpp>
#include <qeval/kernel/cpu/lane_weight.hpp>
#include <qeval/kernel/cpu/panel.hpp>
#include <qeval/kernel/cpu/row_groups.hpp>
#include <qeval/kernel/cpu/simd.hpp>
#include <qeval/kernel/cpu/vector_levels.hpp>
#include <qeval/kernel/integer_form.hpp>
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
    return integer_form_of<F>.scale_groups;
}
template <class F>
constexpr int integer_groups_in(packed_view<F> const& m) {
    return in_blocks<F> || groups_align(m, 32) ? integer_groups_of<F>() : 0;
}

template <class F>
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
        for (index k = 0; k < n; k += step) { // bounded buffers, whatever the kernel's chunk
            index const part = std::min(step, n - k), inside = std::clamp<index>(m_.cols - k0 - k, 0, part);
            floats_part(row0, k0 + k, inside, to.from(k));
            for (index past = inside; past < part; ++past) f32x16::all(0).store(to.from(k).at(past));
        }
    }
    void integers(index row0, index k0, index n, integer_panel const& out) const override {
        if constexpr (integer_groups_of<F>() != 0) {
            index const inside = std::clamp<index>(m_.cols - k0, 0, n);
            for (index k = 0; k < inside; k += step) {
                integer_panel part = out;
                part.data += k / 32 * part.record() * part.vectors * 16;
                integers_part(row0, k0 + k, std::min(step, inside - k), part);
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

    [[nodiscard]] bool runs_exact_columns() const override { return column_kernels<F>::exact_fits(m_); }
    [[nodiscard]] bool runs_integer_columns() const override { return column_kernels<F>::integer_fits(m_); }
    void               run_column(index row0, float const* x, float* out) const override {
        column_kernels<F>::run(m_, row0, x, out);
    }
    void run_column(index row0, integer_activation const& x, float* out) const override {
        column_kernels<F>::run(m_, row0, x, out);
    }

private:
    static constexpr index step = 512; // columns in the buffers below

    // Weights as floats: column k of 16 rows at at(k), in the order of the exact path.
    struct float_sink {
        float* out;
        index  stride, quarter, first = 0;
        [[nodiscard]] float_sink from(index k) const { return {out, stride, quarter, first + k}; }
        [[nodiscard]] float*     at(index k) const { return out + ((first + k) % 4 * quarter + (first + k) / 4) * stride; }
    };
    static constexpr bool has_zero = lane_weight<F>::has_zero, has_offset = lane_weight<F>::has_offset;

    // use(lanes, column) for the blocks that meet columns [k0, k0 + n); `column` is the block's first one, counted from k0.
    template <class Use>
    void for_each_block(index row0, index k0, index n, Use const& use) const {
        alignas(64) std::uint8_t room[16 * sizeof(typename F::block_type)];
        rows16 const             rows = rows16::of(m_.row(row0), m_.blocks_in(m_.cols) * static_cast<index>(sizeof(typename F::block_type)), m_.rows - row0);
        for (index b = k0 / F::block_size; b * F::block_size < k0 + n; ++b) use(block_lanes<F>(rows, b, room), b * F::block_size - k0);
    }
    static QEVAL_INLINE group_parameters parameters_of(block_lanes<F> const& lanes, int g)
        requires has_block_lanes<F>
    {
        group_parameters p{scale_of<F>(lanes, g), f32x16::all(0), f32x16::all(-0.0f)};
        if constexpr (has_offset) p.offset = F::group_offset(lanes, g);
        return p;
    }

    // Codes `words` of columns [first, last) that share parameters.
    static void store_floats(std::int32_t const* words, index first, index last, group_parameters const& p, float_sink const& to) {
        for (index k = first; k < last; k += 4, words += 16) {
            i32x16 const four = i32x16::load(words);
            each<4>([&](auto slot) QEVAL_LAMBDA_INLINE { lane_weight<F>::of(byte_of<slot>(four), p).store(to.at(k + slot)); });
        }
    }
    void floats_part(index row0, index k0, index n, float_sink const& to) const {
        if constexpr (has_block_lanes<F>) {
            using unpack = code_lanes<typename F::packing_type, F::block_size>;
            alignas(64) std::int32_t words[F::block_size * 4];
            for_each_block(row0, k0, n, [&](block_lanes<F> const& lanes, index column) {
                unpack::for_each_quad(unpack::together(lanes.codes()), [&](int q, i32x16 const& four) QEVAL_LAMBDA_INLINE { four.store(words + 16 * q); });
                for (int g = 0; g < F::groups; ++g) {
                    index const begin = column + g * F::group_size, first = std::max<index>(begin, 0), last = std::min<index>(begin + F::group_size, n);
                    if (first < last) store_floats(words + (first - column) * 4, first, last, parameters_of(lanes, g), to);
                }
            });
            return;
        } else if constexpr (has_lanes<F>) {
            if (aligned_) {
                alignas(64) std::int32_t words[step * 4];
                by_row_.codes(row0, k0, n, words);
                for (index k = 0; k < n;) {
                    index const end = std::min(n, by_row_.group_end(k0 + k) - k0);
                    store_floats(words + k * 4, k, end, by_row_.parameters_at(row0, k0 + k), to);
                    k = end;
                }
                return;
            }
        }
        alignas(64) float values[16][step];
        alignas(64) float columns[step][16];
        rows16 const      rows = rows16::of(values, sizeof(values[0]), 16);
        for (index r = 0; r < 16; ++r) {
            if constexpr (dense_format<F>) {
                convert(m_.row(by_row_.clamped(row0 + r)) + k0, values[r], n);
            } else {
                decode_row(m_, by_row_.clamped(row0 + r), k0, {values[r], static_cast<std::size_t>(n)});
            }
        }
        interleave_words(rows, 0, n * 4, reinterpret_cast<std::int32_t*>(columns));
        for (index k = 0; k < n; ++k) f32x16::load(columns[k]).store(to.at(k));
    }

    // Parameters of columns [first, last) of a panel, multiples of 16.
    static void store_parameters(index first, index last, group_parameters const& p, integer_panel const& to) {
        constexpr integer_form form = integer_form_of<F>;
        f32x16 const           scale = p.scale * f32x16::all(vector_levels<typename F::levels_type>::facts.unit);
        for (index k = first; k < last; k += 32 / form.scale_groups) {
            int const g = static_cast<int>(k % 32 / (32 / form.scale_groups));
            scale.store(to.number_at(k / 32, to.scales() + g));
            (scale * f32x16::all(-integer_bias)).store(to.number_at(k / 32, to.biases() + g));
            if constexpr (form.row_zeros) (i32x16::all(0) - to_integer(p.zero)).store(to.at(k / 32, to.zeros() + g));
        }
        store_offsets(first, last, p.offset, to);
    }
    static void store_offsets(index first, index last, f32x16 const& offset, integer_panel const& to) {
        constexpr int groups = integer_form_of<F>.offset_groups;
        if constexpr (groups != 0) {
            for (index k = first; k < last; k += 32 / groups) offset.store(to.number_at(k / 32, to.offsets() + static_cast<int>(k % 32 / (32 / groups))));
        }
    }
    void integers_part(index row0, index k0, index n, integer_panel const& to) const
        requires(integer_groups_of<F>() != 0)
    {
        using levels                = vector_levels<typename F::levels_type>;
        constexpr integer_form form = integer_form_of<F>;
        auto const             code_at = [&](index k) QEVAL_LAMBDA_INLINE { return to.at(k / 32, static_cast<int>(k % 32 / 4)); };
        index                  covered = 0; // columns with parameters
        if constexpr (has_block_lanes<F>) {
            using unpack = code_lanes<typename F::packing_type, F::block_size>;
            for_each_block(row0, k0, n, [&](block_lanes<F> const& lanes, index column) {
                index const begin = std::max<index>(column, 0), end = std::min(column + F::block_size, (n + 31) / 32 * 32);
                alignas(64) std::int32_t factor[F::groups][16], addend[F::groups][16];
                if constexpr (folds_sub_scales<F>) { // (code + lowest level) * sub-scale - lowest, two bytes at a time in one multiplication
                    for (int g = 0; g < F::groups; ++g) {
                        i32x16 const s = F::sub_scale(lanes, g);
                        s.store(factor[g]);
                        ((s * i32x16::all(levels::facts.lowest) - form.lowest) * i32x16::all(0x00010001)).store(addend[g]);
                    }
                }
                unpack::for_each_quad(unpack::together(lanes.codes()), [&](int q, i32x16 const& four) QEVAL_LAMBDA_INLINE {
                    index const k = column + 4 * q;
                    if (k < begin || k >= end) return;
                    i32x16 bytes = levels::bytes(four);
                    if constexpr (folds_sub_scales<F>) {
                        i32x16 const s = i32x16::load(factor[4 * q / F::group_size]), a = i32x16::load(addend[4 * q / F::group_size]);
                        bytes = ((bytes & 0x00ff00ff) * s + a) | ((bytes >> 8 & 0x00ff00ff) * s + a) << 8;
                    }
                    bytes.store(code_at(k));
                });
                for (int g = 0; g < F::groups; ++g) {
                    index const first = std::max(begin, column + g * F::group_size), last = std::min(end, column + (g + 1) * F::group_size);
                    if (first >= last) continue;
                    if constexpr (folds_sub_scales<F>) {
                        if constexpr (has_offset) store_offsets(first, last, F::group_offset(lanes, g), to);
                    } else {
                        store_parameters(first, last, parameters_of(lanes, g), to);
                    }
                }
                if constexpr (folds_sub_scales<F>) {
                    for (index k = begin; k < end; k += 32) store_scale(k, F::super_scale(lanes), to);
                }
                covered = end;
            });
        } else {
            alignas(64) std::int32_t words[step * 4];
            by_row_.codes(row0, k0, n, words);
            for (index k = 0; k < n;) {
                index const      end = by_row_.group_end(k0 + k) >= m_.cols ? n : std::min(n, by_row_.group_end(k0 + k) - k0);
                group_parameters const p = by_row_.parameters_at(row0, k0 + k);
                i32x16           zero = i32x16::all(0);
                if constexpr (has_zero && !form.row_zeros) zero = (i32x16::all(highest_zero<F>) - to_integer(p.zero)) * i32x16::all(0x01010101);
                store_parameters(k, end, p, to);
                for (; k < end; k += 4) (levels::bytes(i32x16::load(words + k * 4)) + zero).store(code_at(k));
            }
            covered = (n + 32 / form.scale_groups - 1) / (32 / form.scale_groups) * (32 / form.scale_groups);
        }
        // groups that begin beyond the matrix: their activations are zero, and nothing else may come of them
        if (covered % 32 != 0) store_parameters(covered, (n + 31) / 32 * 32, {f32x16::all(0), f32x16::all(0), f32x16::all(0)}, to);
    }
    static QEVAL_INLINE void store_scale(index k, f32x16 const& super, integer_panel const& to) {
        f32x16 const scale = super * f32x16::all(vector_levels<typename F::levels_type>::facts.unit);
        scale.store(to.number_at(k / 32, to.scales()));
        (scale * f32x16::all(-integer_bias)).store(to.number_at(k / 32, to.biases()));
    }

    packed_view<F> m_;
    row_groups<F>  by_row_;
    bool           aligned_;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
