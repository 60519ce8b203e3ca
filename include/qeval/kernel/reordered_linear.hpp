// A linear whose matrix has its columns in another order than its inputs: they are put in that order first.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/linear.hpp>

namespace qeval {

// y = x' W'^T with x'[k] = x[order[k]], where W'[r, k] = W[r, order[k]]: y = x W^T, added up in the order of W'.
class reordered_linear final : public linear {
public:
    // order: a permutation of 0 .. cols - 1
    reordered_linear(std::unique_ptr<linear> base, std::shared_ptr<std::vector<index> const> order, thread_pool& pool)
        : base_(std::move(base)),
          order_(std::move(order)),
          pool_(&pool),
          kernel_(std::string(base_->kernel()) + ", columns by group"),
          // Every matrix may have an order of its own, so that no two share what they prepare.
          input_(std::string(base_->input()) + ", order " + std::to_string(next_order())) {}

    [[nodiscard]] index            rows() const override { return base_->rows(); }
    [[nodiscard]] index            cols() const override { return base_->cols(); }
    [[nodiscard]] std::size_t      bytes() const override { return base_->bytes(); }
    [[nodiscard]] std::string_view format() const override { return base_->format(); }
    [[nodiscard]] std::string_view kernel() const override { return kernel_; }
    [[nodiscard]] std::string_view input() const override { return input_; }

    [[nodiscard]] std::unique_ptr<activation> prepare(input_rows const& x) const override {
        std::vector<float>       values(static_cast<std::size_t>(x.rows * x.cols));
        matrix_view<float> const put(values.data(), x.rows, x.cols);
        pool_->for_chunks(x.rows, 8, [&](index first, index last) {
            std::vector<float> made;
            auto const         own = x.slice(first, last - first, [&](index floats) {
                made.resize(static_cast<std::size_t>(floats));
                return made.data();
            });
            for (index i = first; i < last; ++i) {
                for (index k = 0; k < x.cols; ++k) put(i, k) = own(i - first, (*order_)[static_cast<std::size_t>(k)]);
            }
        });
        return std::make_unique<reordered_activation>(input_, std::move(values), *base_, x);
    }
    void apply(activation const& x, matrix_view<float> y) const override {
        base_->apply(*static_cast<reordered_activation const&>(x).inner, y);
    }
    void row(index i, std::span<float> out) const override {
        std::vector<float> stored(out.size());
        base_->row(i, stored);
        for (std::size_t k = 0; k < stored.size(); ++k) out[static_cast<std::size_t>((*order_)[k])] = stored[k];
    }

private:
    struct reordered_activation final : activation {
        reordered_activation(std::string_view name, std::vector<float> v, linear const& base, input_rows const& x)
            : activation(name), values(std::move(v)), inner(base.prepare({values.data(), x.rows, x.cols})) {
            rows = x.rows, cols = x.cols;
        }
        std::vector<float>          values; // what the inner one may refer to
        std::unique_ptr<activation> inner;
    };
    static std::uint64_t next_order() {
        static std::atomic<std::uint64_t> orders = 0;
        return ++orders;
    }

    std::unique_ptr<linear>                   base_;
    std::shared_ptr<std::vector<index> const> order_;
    thread_pool*                              pool_;
    std::string                               kernel_, input_;
};

} // namespace qeval
