// The panel_source of a matrix in the kernel layout.
#pragma once

#include <algorithm>
#include <memory>
#include <string_view>

#include <qeval/core/macros.hpp>
#include <qeval/kernel/cpu/panel/block_unpack.hpp>
#include <qeval/kernel/cpu/panel/panel.hpp>
#include <qeval/kernel/cpu/panel/unpack_panel.hpp>
#include <qeval/kernel/cpu/token/token_kernels.hpp>
#include <qeval/kernel/cpu/weight/block_groups.hpp>
#include <qeval/pack/interleaved.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

template <class F, panel_parts Parts = panel_parts::all>
requires has_block_rows<F>
class interleaved_panel final : public panel_source {
public:
    explicit interleaved_panel(interleaved_matrix<F> const& m) : m_(&m) {}

    [[nodiscard]] index                             rows() const override { return m_->rows(); }
    [[nodiscard]] index                             cols() const override { return m_->cols(); }
    [[nodiscard]] static constexpr std::string_view decoder() { return "r16"; }

    void floats(index row0, index k0, index n, float* out, index stride) const override {
        float_sink const to{out, stride, n / 4};
        index const      inside = std::clamp<index>(cols() - k0, 0, n);
        to.zeros(inside, n);
        if constexpr (has_floats(Parts)) block_unpack<F>::floats(stored_groups<F>(*m_, row0), k0, inside, to);
    }
    void integers(index row0, index k0, index n, integer_panel const& out) const override {
        if constexpr (has_integers(Parts) && integer_groups_of<F>() != 0) {
            block_unpack<F>::integers(stored_groups<F>(*m_, row0), k0, std::clamp<index>(cols() - k0, 0, n), out);
        }
    }
    [[nodiscard]] integer_form integers_as() const override {
        return unpacked_panel<F, Parts>(packed_view<F>{nullptr, m_->rows(), m_->cols()}).integers_as();
    }

    void prefetch(index, index, index, index) const override {} // rows lie in one stream, which hardware foresees

    [[nodiscard]] std::unique_ptr<row_product> token_product([[maybe_unused]] float const* x,
                                                             [[maybe_unused]] int          threads) const override {
        if constexpr (has_float_tokens(Parts)) return token_kernels<F>::exact(*m_, x, threads);
        return nullptr;
    }
    [[nodiscard]] std::unique_ptr<row_product> token_product([[maybe_unused]] integer_activation const& x,
                                                             [[maybe_unused]] int threads) const override {
        if constexpr (has_integers(Parts)) return token_kernels<F>::integer(*m_, x, threads);
        return nullptr;
    }

private:
    interleaved_matrix<F> const* m_;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
