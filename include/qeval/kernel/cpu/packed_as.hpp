// A matrix in the format F behind any_packed, with the CPU's kernels of F.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/format/name.hpp>
#include <qeval/kernel/any_packed.hpp>
#include <qeval/kernel/cpu/matrix_kernels.hpp>
#include <qeval/kernel/cpu/panel/finite_panels.hpp>
#include <qeval/pack/decode.hpp>
#include <qeval/pack/parameter_bytes.hpp>
#include <qeval/pack/stored.hpp>

namespace qeval {
inline namespace QEVAL_ISA {

template <class F>
class packed_as final : public any_packed, public cpu::matrix_kernels {
public:
    explicit packed_as(packed_matrix<F> m) : m_(std::move(m)), name_(name_in<F>(m_.geometry())) {}

    [[nodiscard]] index                rows() const override { return m_.rows(); }
    [[nodiscard]] index                cols() const override { return m_.cols(); }
    [[nodiscard]] index                bytes() const override { return m_.bytes(); }
    [[nodiscard]] std::string_view     format() const override { return name_; }
    [[nodiscard]] std::optional<index> parameter_bytes() const override {
        return qeval::parameter_bytes<F>(m_.rows(), m_.cols(), m_.geometry());
    }
    [[nodiscard]] std::optional<float> outlier_threshold() const override {
        if constexpr (requires { F::outlier_threshold; }) {
            return F::outlier_threshold;
        } else {
            return std::nullopt;
        }
    }
    void unpack(matrix_view<float> out, thread_pool& pool) const override { qeval::unpack(m_.view(), out, pool); }
    void decode(index first, std::span<float> out) const override {
        auto const view = m_.view();
        while (!out.empty()) {
            auto const part = out.first(std::min(out.size(), static_cast<std::size_t>(view.cols - first % view.cols)));
            decode_row(view, first / view.cols, first % view.cols, part);
            first += static_cast<index>(part.size());
            out = out.subspan(part.size());
        }
    }
    [[nodiscard]] bool finite(thread_pool& pool) const override {
        return cpu::all_finite(cpu::unpacked_panel<F>(m_.view()), pool);
    }
    void for_each_plane(plane_sink const& sink) const override { for_each_stored(m_, sink); }

    [[nodiscard]] std::unique_ptr<any_packed> repeat_rows(index rows) const override {
        packed_matrix<F> many(rows, m_.cols(), m_.geometry());
        auto const       repeat = [](std::span<std::byte const> from, std::span<std::byte> to) {
            for (std::size_t at = 0; at < to.size(); at += from.size()) {
                std::copy_n(from.data(), std::min(from.size(), to.size() - at), to.data() + at);
            }
        };
        if constexpr (in_blocks<F>) {
            repeat(m_.stored(), {reinterpret_cast<std::byte*>(many.blocks()), many.stored().size()});
        } else {
            for (std::size_t p = 0; p < std::size_t(packed_view<F>::plane_count); ++p)
                repeat(m_.plane(p), many.plane(p));
        }
        return std::make_unique<packed_as>(std::move(many));
    }
    [[nodiscard]] bool shares() const override { return m_.shares(); }

    [[nodiscard]] cpu::matrix_kernels&       on_cpu() override { return *this; }
    [[nodiscard]] cpu::matrix_kernels const& on_cpu() const override { return *this; }

    [[nodiscard]] std::unique_ptr<cpu::linear_weights const> take() override {
        return std::make_unique<cpu::packed_weights<F>>(std::move(m_));
    }
    [[nodiscard]] std::unique_ptr<cpu::linear_weights const>
    interleaved([[maybe_unused]] thread_pool& pool) const override {
        if constexpr (cpu::has_kernel_layout<F>) {
            return std::make_unique<cpu::interleaved_weights<F>>(m_, pool);
        } else {
            return nullptr;
        }
    }
    [[nodiscard]] bool integer_fits() const override {
        if constexpr (cpu::integer_path_fits<F>) {
            return cpu::integer_groups_in(m_.view()) != 0;
        } else {
            return false;
        }
    }
    [[nodiscard]] std::string_view decoder() const override { return cpu::unpacked_panel<F>(m_.view()).decoder(); }

private:
    packed_matrix<F> m_;
    std::string      name_;
};

} // namespace QEVAL_ISA
} // namespace qeval
