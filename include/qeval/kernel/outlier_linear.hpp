// LLM.int8: inputs below a threshold go through an int8 linear, the others meet the same weights in 16 bits.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/half.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/kernel/multiply_how.hpp>

namespace qeval {

// y [tokens, rows]: y[i, r] = (int8(x[i] without outliers) W^T)[r] + the sum over the depths k of the outliers of token
// i of f16(w[r, k]) * x[i, k], ascending in k, in f32.
class outlier_linear final : public linear {
public:
    // `weight(r, k)` is the weight that the base multiplies with; it may refer to the base. Inputs of magnitude >=
    // threshold are outliers, once rounded to f16; `choice` says which of them a token has.
    outlier_linear(std::unique_ptr<linear> base, std::function<float(index, index)> weight, float threshold,
                   outlier_choice choice, thread_pool& pool)
        : base_(std::move(base)),
          weight_(std::move(weight)),
          threshold_(threshold),
          choice_(choice),
          pool_(&pool),
          kernel_(std::string(base_->kernel()) + " + f16 outliers" +
                  (choice == outlier_choice::per_batch ? " of the batch" : "")) {}

    [[nodiscard]] index            rows() const override { return base_->rows(); }
    [[nodiscard]] index            cols() const override { return base_->cols(); }
    [[nodiscard]] std::size_t      bytes() const override { return base_->bytes(); }
    [[nodiscard]] std::string_view format() const override { return base_->format(); }
    [[nodiscard]] std::string_view kernel() const override { return kernel_; }
    [[nodiscard]] std::string_view input() const override {
        return choice_ == outlier_choice::per_token ? "int8, outliers of a token" : "int8, outliers of the batch";
    }

    [[nodiscard]] std::unique_ptr<activation> prepare(input_rows const& x) const override {
        return std::make_unique<split_activation>(x, *this);
    }
    void apply(activation const& x, matrix_view<float> y) const override {
        auto const& a = static_cast<split_activation const&>(x);
        base_->apply(*a.inner, y);
        auto const count = static_cast<index>(a.depths.size());
        if (count == 0) return;
        pool_->for_chunks(rows(), 16, [&](index first, index last) {
            std::vector<float> w(a.depths.size());
            for (index r = first; r < last; ++r) {
                for (std::size_t k = 0; k < w.size(); ++k) w[k] = f16::from(weight_(r, a.depths[k])).to_float();
                for (index i = 0; i < y.rows; ++i) {
                    float const* const v   = a.outliers.data() + i * count;
                    float              sum = 0;
                    for (std::size_t k = 0; k < w.size(); ++k) {
                        if (v[k] != 0) sum += w[k] * v[k];
                    }
                    y(i, r) += sum;
                }
            }
        });
    }
    void row(index i, std::span<float> out) const override { base_->row(i, out); }

private:
    struct split_activation final : activation {
        split_activation(input_rows const& in, outlier_linear const& of)
            : activation(of.input()), rest(static_cast<std::size_t>(in.rows * in.cols)) {
            rows = in.rows, cols = in.cols;
            auto const                x = in.slice(0, rows, [this](index) { return rest.data(); });
            std::vector<std::uint8_t> chosen(static_cast<std::size_t>(cols));
            auto const                large = [&](float v) { return std::fabs(v) >= of.threshold_; };
            for (index i = 0; i < rows; ++i) {
                for (index k = 0; k < cols; ++k) {
                    float const v = f16::from(x(i, k)).to_float();
                    at(i, k)      = v;
                    if (large(v)) chosen[static_cast<std::size_t>(k)] = 1;
                }
            }
            for (index k = 0; k < cols; ++k) {
                if (chosen[static_cast<std::size_t>(k)] != 0) depths.push_back(k);
            }
            bool const whole = of.choice_ == outlier_choice::per_batch;
            outliers.resize(static_cast<std::size_t>(rows) * depths.size());
            std::size_t o = 0;
            for (index i = 0; i < rows; ++i) {
                for (index const k : depths) {
                    float const v = at(i, k);
                    outliers[o++] = whole || large(v) ? v : 0.0f;
                    if (whole || large(v)) at(i, k) = 0;
                }
            }
            inner = of.base_->prepare({rest.data(), rows, cols});
        }
        float& at(index i, index k) { return rest[static_cast<std::size_t>(i * cols + k)]; }

        std::vector<float>          rest;     // [tokens, cols], outliers replaced by zeros
        std::vector<index>          depths;   // at which some token has an outlier, ascending
        std::vector<float>          outliers; // [tokens, depths], 0 where a token has none
        std::unique_ptr<activation> inner;
    };

    std::unique_ptr<linear>            base_;
    std::function<float(index, index)> weight_;
    float                              threshold_;
    outlier_choice                     choice_;
    thread_pool*                       pool_;
    std::string                        kernel_;
};

} // namespace qeval
