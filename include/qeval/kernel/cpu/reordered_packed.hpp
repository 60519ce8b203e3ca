// A packed matrix whose columns are stored in another order: GPTQ with act-order deals them to groups by importance,
// and a format wants the columns of a group side by side.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/kernel/any_packed.hpp>

namespace qeval {
inline namespace QEVAL_ISA {

// Column k of what is stored is column order[k] of the matrix. Everything that is asked of the matrix is answered in
// the matrix's own order; planes and kernels are those of what is stored, and whoever takes them asks for order(), too.
class reordered_packed final : public any_packed {
public:
    reordered_packed(std::unique_ptr<any_packed> stored, std::shared_ptr<std::vector<index> const> order)
        : stored_(std::move(stored)), order_(std::move(order)) {}

    [[nodiscard]] index                rows() const override { return stored_->rows(); }
    [[nodiscard]] index                cols() const override { return stored_->cols(); }
    [[nodiscard]] index                bytes() const override { return stored_->bytes() + 4 * cols(); }
    [[nodiscard]] std::string_view     format() const override { return stored_->format(); }
    [[nodiscard]] std::optional<index> parameter_bytes() const override {
        auto const parameters = stored_->parameter_bytes();
        return parameters ? std::optional(*parameters + 4 * cols()) : std::nullopt;
    }
    [[nodiscard]] std::optional<float>                      outlier_threshold() const override { return std::nullopt; }
    [[nodiscard]] std::shared_ptr<std::vector<index> const> order() const override { return order_; }
    [[nodiscard]] any_packed const& stored() const { return *stored_; } // with its columns in that order

    void unpack(matrix_view<float> out, thread_pool& pool) const override {
        stored_->unpack(out, pool);
        pool.for_chunks(out.rows, 16, [&](index first, index last) {
            std::vector<float> row(static_cast<std::size_t>(out.cols));
            for (index r = first; r < last; ++r) {
                std::copy_n(&out(r, 0), out.cols, row.data());
                for (std::size_t k = 0; k < row.size(); ++k) out(r, (*order_)[k]) = row[k];
            }
        });
    }
    void decode(index first, std::span<float> out) const override {
        std::vector<float> stored(static_cast<std::size_t>(cols())), row(stored.size());
        while (!out.empty()) {
            index const r = first / cols(), c = first % cols();
            stored_->decode(r * cols(), stored);
            for (std::size_t k = 0; k < row.size(); ++k) row[static_cast<std::size_t>((*order_)[k])] = stored[k];
            auto const part = out.first(std::min(out.size(), static_cast<std::size_t>(cols() - c)));
            std::copy_n(row.data() + c, part.size(), part.data());
            first += static_cast<index>(part.size());
            out = out.subspan(part.size());
        }
    }
    [[nodiscard]] bool finite(thread_pool& pool) const override { return stored_->finite(pool); }
    // A file's planes have no place for an order.
    void for_each_plane(plane_sink const&) const override {
        throw usage_error{{"SC06", "a matrix in " + std::string(format()), "columns sorted by group (act-order)",
                           "columns in their own order, to be written in this format",
                           "a scheme in another format encodes it anew"}};
    }

    [[nodiscard]] std::unique_ptr<any_packed> repeat_rows(index rows) const override {
        return std::make_unique<reordered_packed>(stored_->repeat_rows(rows), order_);
    }
    [[nodiscard]] bool shares() const override { return stored_->shares(); }

    [[nodiscard]] cpu::matrix_kernels&       on_cpu() override { return stored_->on_cpu(); }
    [[nodiscard]] cpu::matrix_kernels const& on_cpu() const override { return std::as_const(*stored_).on_cpu(); }

private:
    std::unique_ptr<any_packed>               stored_;
    std::shared_ptr<std::vector<index> const> order_;
};

} // namespace QEVAL_ISA
} // namespace qeval
