// The panel_source of a matrix in the kernel layout: a column runs through it as it is stored; for many columns its rows are
// put back into file order, a few blocks at a time.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/kernel/cpu/block_groups.hpp>
#include <qeval/kernel/cpu/column_kernels.hpp>
#include <qeval/kernel/cpu/panel.hpp>
#include <qeval/kernel/cpu/unpack_panel.hpp>
#include <qeval/pack/interleaved.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

template <class F>
    requires has_block_lanes<F> && interleavable<F>
class interleaved_panel final : public panel_source {
public:
    explicit interleaved_panel(interleaved_matrix<F> const& m) : m_(&m) {}

    [[nodiscard]] index                             rows() const override { return m_->rows(); }
    [[nodiscard]] index                             cols() const override { return m_->cols(); }
    [[nodiscard]] static constexpr std::string_view decoder() { return "interleaved"; }

    void floats(index row0, index k0, index n, float* out, index stride) const override {
        in_file_order(row0, k0, n, [&](unpacked_panel<F> const& few, index first) { few.floats(0, k0 - first, n, out, stride); });
    }
    void integers(index row0, index k0, index n, integer_panel const& out) const override {
        in_file_order(row0, k0, n, [&](unpacked_panel<F> const& few, index first) { few.integers(0, k0 - first, n, out); });
    }
    [[nodiscard]] integer_form integers_as() const override {
        return unpacked_panel<F>(packed_view<F>{nullptr, m_->rows(), m_->cols()}).integers_as();
    }

    void prefetch(index, index, index, index) const override {} // rows lie in one stream, which hardware foresees

    [[nodiscard]] bool runs_exact_columns() const override { return has_exact_gemv<F> && cols() % F::block_size == 0; }
    [[nodiscard]] bool runs_integer_columns() const override { return has_integer_gemv<F> && cols() % F::block_size == 0; }
    void               run_column(index row0, float const* x, float* out) const override {
        if constexpr (has_exact_gemv<F>) exact_gemv<F>::run(stored_groups<F>(*m_, row0), cols(), x, out);
    }
    void run_column(index row0, integer_activation const& x, float* out) const override {
        if constexpr (has_integer_gemv<F>) integer_gemv<F>::run(stored_groups<F>(*m_, row0), cols(), x, out);
    }

private:
    // use(panel of sixteen rows that has columns [k0, k0 + n), the column of the matrix it begins with)
    template <class Use>
    void in_file_order(index row0, index k0, index n, Use const& use) const {
        index const first = k0 / F::block_size, last = (std::min(k0 + n, cols()) + F::block_size - 1) / F::block_size;
        index const count = std::max<index>(1, last - first);
        thread_local std::vector<typename F::block_type> blocks;
        blocks.resize(static_cast<std::size_t>(16 * count));
        for (index r = 0; r < 16; ++r) {
            for (index b = 0; b < last - first; ++b) blocks[std::size_t(r * count + b)] = m_->block(std::min(row0 + r, rows() - 1), first + b);
        }
        index const inside = std::max<index>(0, std::min(cols(), last * F::block_size) - first * F::block_size);
        use(unpacked_panel<F>(packed_view<F>{blocks.data(), 16, inside}), first * F::block_size);
    }
    interleaved_matrix<F> const* m_;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
