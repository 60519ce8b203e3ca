// A linear that changes its inputs, row by row, and then multiplies them as another one does.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/linear.hpp>

namespace qeval {

class changed_input_linear : public linear {
public:
    [[nodiscard]] index            rows() const override { return base_->rows(); }
    [[nodiscard]] index            cols() const override { return base_->cols(); }
    [[nodiscard]] std::size_t      bytes() const override { return base_->bytes(); }
    [[nodiscard]] std::string_view format() const override { return base_->format(); }
    [[nodiscard]] std::string_view kernel() const override { return kernel_; }
    [[nodiscard]] std::string_view input() const override { return input_; }

    [[nodiscard]] std::unique_ptr<activation> prepare(input_rows const& x) const override {
        std::vector<float>       values(static_cast<std::size_t>(x.rows * x.cols));
        matrix_view<float> const changed(values.data(), x.rows, x.cols);
        pool_->for_chunks(x.rows, 8, [&](index first, index last) {
            std::vector<float> made;
            auto const         own = x.slice(first, last - first, [&](index floats) {
                made.resize(static_cast<std::size_t>(floats));
                return made.data();
            });
            for (index i = first; i < last; ++i) change(own.row(i - first), changed.row(i));
        });
        return std::make_unique<changed_activation>(input_, std::move(values), *base_, x);
    }
    void apply(activation const& x, matrix_view<float> y) const override {
        base_->apply(*static_cast<changed_activation const&>(x).inner, y);
    }

protected:
    // `input` names how inputs are changed: linears that give the same name share what they prepare.
    changed_input_linear(std::unique_ptr<linear> base, std::string input, std::string_view kernel, thread_pool& pool)
        : base_(std::move(base)),
          pool_(&pool),
          kernel_(std::string(base_->kernel()) + ", " + std::string(kernel)),
          input_(std::move(input)) {}

    [[nodiscard]] linear const& base() const { return *base_; }

private:
    virtual void change(std::span<float const> x, std::span<float> out) const = 0; // out: another row

    struct changed_activation final : activation {
        changed_activation(std::string_view name, std::vector<float> v, linear const& base, input_rows const& x)
            : activation(name), values(std::move(v)), inner(base.prepare({values.data(), x.rows, x.cols})) {
            rows = x.rows, cols = x.cols;
        }
        std::vector<float>          values; // what the inner one may refer to
        std::unique_ptr<activation> inner;
    };

    std::unique_ptr<linear> base_;
    thread_pool*            pool_;
    std::string             kernel_, input_;
};

} // namespace qeval
