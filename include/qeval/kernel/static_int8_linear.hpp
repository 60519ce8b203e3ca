// W8A8 with static activations: one scale and one offset for all inputs of a linear, found by calibration. Five
// tensors, as msModelSlim writes them: weight int8 [rows, cols], input_scale, input_offset, deq_scale [rows],
// quant_bias int32 [rows].
//   q = round_to_even(x / input_scale + input_offset) in -128 .. 127        y = (sum_k q W + quant_bias) * deq_scale
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/thread_pool.hpp>
#include <qeval/format/traits.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval {

// What stands beside the weights.
struct static_int8 {
    float                     input_scale = 1, input_offset = 0;
    std::vector<float>        deq_scale;  // input_scale * the row's weight scale
    std::vector<std::int32_t> quant_bias; // round(bias / deq_scale) - input_offset * sum_k W
};

// Derives deq_scale and quant_bias of weights that have one scale a row. No bias: an empty span.
template <in_planes F>
[[nodiscard]] static_int8 derive_static_int8(packed_view<F> const& w, float input_scale, float input_offset,
                                             std::span<float const> bias = {}) {
    static_int8 s{input_scale, input_offset, {}, {}};
    for (index r = 0; r < w.rows; ++r) {
        double sum = 0;
        for (index k = 0; k < w.cols; ++k) sum += static_cast<double>(F::level(F::code(w.cell, r * w.cols + k)));
        float const  scale = input_scale * F::group(w.cell, w.cell.geometry.group_of(r, 0, w.cols)).scale;
        double const b =
            bias.empty() || scale == 0
                ? 0.0
                : std::nearbyint(static_cast<double>(bias[static_cast<std::size_t>(r)]) / static_cast<double>(scale));
        s.deq_scale.push_back(scale);
        s.quant_bias.push_back(static_cast<std::int32_t>(b - std::nearbyint(static_cast<double>(input_offset) * sum)));
    }
    return s;
}

// The weights with all scales 1: the integers themselves.
template <in_planes F>
[[nodiscard]] packed_matrix<F> without_scales(packed_matrix<F> w) {
    std::vector<float> const ones(static_cast<std::size_t>(w.geometry().groups(w.rows(), w.cols())), 1.0f);
    std::byte* const         plane[] = {w.plane(1).data()};
    F::scale_type::store(plane, ones);
    return w;
}

// `integers` multiplies with W itself: a linear of without_scales(weights) on a path that takes the integers q as they
// are.
class static_int8_linear final : public linear {
public:
    static_int8_linear(std::unique_ptr<linear> integers, static_int8 s, thread_pool& pool)
        : base_(std::move(integers)),
          s_(std::move(s)),
          pool_(&pool),
          kernel_(std::string(base_->kernel()) + ", static int8 inputs"),
          // linears share what they prepare only where scale and offset are the same
          input_("static int8, scale " + std::to_string(bit_cast<std::uint32_t>(s_.input_scale)) + ", offset " +
                 std::to_string(s_.input_offset)) {}

    [[nodiscard]] index       rows() const override { return base_->rows(); }
    [[nodiscard]] index       cols() const override { return base_->cols(); }
    [[nodiscard]] std::size_t bytes() const override {
        return base_->bytes() + static_cast<std::size_t>(rows()) * 4 + 8;
    }
    [[nodiscard]] std::string_view format() const override { return base_->format(); }
    [[nodiscard]] std::string_view kernel() const override { return kernel_; }
    [[nodiscard]] std::string_view input() const override { return input_; }

    [[nodiscard]] std::unique_ptr<activation> prepare(input_rows const& in) const override {
        std::vector<float> q(static_cast<std::size_t>(in.rows * in.cols));
        auto const         x = in.slice(0, in.rows, [&](index) { return q.data(); });
        for (index i = 0; i < x.rows; ++i) {
            for (index k = 0; k < x.cols; ++k) {
                float const v = std::nearbyint(x(i, k) / s_.input_scale + s_.input_offset);
                q[static_cast<std::size_t>(i * x.cols + k)] = std::fmin(127.0f, std::fmax(-128.0f, v));
            }
        }
        return std::make_unique<quantized>(input_, std::move(q), *base_, x);
    }
    void apply(activation const& x, matrix_view<float> y) const override {
        base_->apply(*static_cast<quantized const&>(x).inner, y);
        pool_->for_chunks(y.rows, 8, [&](index first, index last) {
            for (index i = first; i < last; ++i) {
                for (index r = 0; r < y.cols; ++r) {
                    auto const o = static_cast<std::size_t>(r);
                    y(i, r)      = (y(i, r) + static_cast<float>(s_.quant_bias[o])) * s_.deq_scale[o];
                }
            }
        });
    }
    void row(index i, std::span<float> out) const override {
        base_->row(i, out);
        for (float& w : out) w *= s_.deq_scale[static_cast<std::size_t>(i)] / s_.input_scale;
    }

private:
    struct quantized final : activation {
        quantized(std::string_view name, std::vector<float> q, linear const& base, matrix_view<float const> const& x)
            : activation(name), values(std::move(q)), inner(base.prepare({values.data(), x.rows, x.cols})) {
            rows = x.rows, cols = x.cols;
        }
        std::vector<float>          values;
        std::unique_ptr<activation> inner;
    };

    std::unique_ptr<linear> base_;
    static_int8             s_;
    thread_pool*            pool_;
    std::string             kernel_, input_;
};

} // namespace qeval
