// A linear whose inputs go through an activation format first: what formats and activations without a kernel of their
// own compute, on the exact path of the rounded values.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/format/activation.hpp>
#include <qeval/kernel/linear.hpp>

namespace qeval {

class rounded_linear final : public linear {
public:
    rounded_linear(std::unique_ptr<linear> base, any_activation const& input, thread_pool& pool)
        : base_(std::move(base)),
          round_(input.round),
          input_("rounded to " + std::string(input.name)),
          pool_(&pool),
          kernel_(std::string(base_->kernel()) + ", inputs as " + std::string(input.name)) {}

    [[nodiscard]] index            rows() const override { return base_->rows(); }
    [[nodiscard]] index            cols() const override { return base_->cols(); }
    [[nodiscard]] std::size_t      bytes() const override { return base_->bytes(); }
    [[nodiscard]] std::string_view format() const override { return base_->format(); }
    [[nodiscard]] std::string_view kernel() const override { return kernel_; }
    [[nodiscard]] std::string_view input() const override { return input_; }

    [[nodiscard]] std::unique_ptr<activation> prepare(input_rows const& x) const override {
        std::vector<float>       values(static_cast<std::size_t>(x.rows * x.cols));
        matrix_view<float> const rounded(values.data(), x.rows, x.cols);
        pool_->for_chunks(x.rows, 8, [&](index first, index last) {
            auto const own = x.slice(first, last - first, [&](index) { return &rounded(first, 0); });
            for (index i = first; i < last; ++i) round_(own.row(i - first), rounded.row(i));
        });
        return std::make_unique<rounded_activation>(input_, std::move(values), *base_, x);
    }
    void apply(activation const& x, matrix_view<float> y) const override {
        base_->apply(*static_cast<rounded_activation const&>(x).inner, y);
    }
    void row(index i, std::span<float> out) const override { base_->row(i, out); }

private:
    struct rounded_activation final : activation {
        rounded_activation(std::string_view name, std::vector<float> v, linear const& base, input_rows const& x)
            : activation(name), values(std::move(v)), inner(base.prepare({values.data(), x.rows, x.cols})) {
            rows = x.rows, cols = x.cols;
        }
        std::vector<float>          values; // what the inner one may refer to
        std::unique_ptr<activation> inner;
    };

    std::unique_ptr<linear> base_;
    void (*round_)(std::span<float const>, std::span<float>);
    std::string  input_;
    thread_pool* pool_;
    std::string  kernel_;
};

} // namespace qeval
