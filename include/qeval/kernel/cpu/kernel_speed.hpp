// How fast a `linear` is, beside what the machine can do at the same moment.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/core/random.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/kernel/cpu/roofline.hpp>
#include <qeval/kernel/linear.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Medians of repetitions that took turns with measurements of the limit; operations or bytes per second.
struct kernel_speed {
    double           value = 0, limit = 0;
    double           fraction = 0; // median of the ratios, each of a repetition and the limits before and after it
    double           spread   = 0; // (largest - smallest) / median of those ratios
    std::string_view limited_by;   // "FMA", "int8 dot", "bf16 dot", "DRAM read"
};

[[nodiscard]] inline double median(std::vector<double> v) {
    std::sort(v.begin(), v.end());
    return (v[(v.size() - 1) / 2] + v[v.size() / 2]) / 2;
}

// rate() and limit() each measure once and return something per second. rate() is called once more before the first
// repetition, so that caches are filled, pages are mapped and the clock has risen.
template <class Rate, class Limit>
kernel_speed measure_beside(int repetitions, Rate&& rate, std::string_view name, Limit&& limit) {
    rate();
    std::vector<double> values, limits, ratios;
    limits.push_back(limit());
    for (int i = 0; i < repetitions; ++i) {
        values.push_back(rate());
        limits.push_back(limit());
        ratios.push_back(2 * values.back() / (limits[limits.size() - 2] + limits.back()));
    }
    auto const [low, high] = std::minmax_element(ratios.begin(), ratios.end());
    double const fraction  = median(ratios);
    return {median(values), median(limits), fraction, (*high - *low) / fraction, name};
}

// [n, cols], roughly Gaussian.
[[nodiscard]] inline std::vector<float> sample_activations(index n, index cols) {
    random_stream const draw(7);
    std::vector<float>  x(static_cast<std::size_t>(n * cols));
    for (std::size_t i = 0; i < x.size(); ++i) {
        double sum = -2;
        for (std::uint64_t k = 0; k < 4; ++k) sum += draw.uniform(4 * i + k);
        x[i] = static_cast<float>(sum);
    }
    return x;
}

// y = x W^T with every matrix of `weights` in turn, the preparation of x included.
class timed_products {
public:
    timed_products(std::span<std::unique_ptr<linear> const> weights, index n)
        : weights_(weights),
          n_(n),
          x_(sample_activations(n, weights[0]->cols())),
          y_(static_cast<std::size_t>(n * weights[0]->rows())) {}

    [[nodiscard]] double seconds() {
        index const rows = weights_[0]->rows(), cols = weights_[0]->cols();
        return seconds_of([&] {
            for (auto const& w : weights_) {
                auto const x = w->prepare({x_.data(), n_, cols});
                w->apply(*x, {y_.data(), n_, rows});
            }
        });
    }
    [[nodiscard]] double bytes() const { // of weights
        double sum = 0;
        for (auto const& w : weights_) sum += static_cast<double>(w->bytes());
        return sum;
    }
    [[nodiscard]] double operations() const {
        return 2.0 * static_cast<double>(weights_.size()) * static_cast<double>(n_) *
               static_cast<double>(weights_[0]->rows()) * static_cast<double>(weights_[0]->cols());
    }

private:
    std::span<std::unique_ptr<linear> const> weights_;
    index                                    n_;
    std::vector<float>                       x_, y_;
};

// The peak of the instruction that a path is made of.
struct compute_limit {
    std::string_view name;
    double (roofline::*rate)() const;
};
constexpr compute_limit limit_of(exact_path const&) { return {"FMA", &roofline::fma}; }
constexpr compute_limit limit_of(bf16_path const&) { return {"bf16 dot", &roofline::bf16_dot}; }
constexpr compute_limit limit_of(integer_path const&) { return {"int8 dot", &roofline::int8_dot}; }

// Many tokens, x [n, cols]: operations per second, against the limit of the path that `w` takes.
[[nodiscard]] inline kernel_speed gemm_speed(std::unique_ptr<linear> const& w, compute_limit const& limit, index n,
                                             roofline const& machine, int repetitions) {
    timed_products products({&w, 1}, n);
    auto const     rate = [&] { return products.operations() / products.seconds(); };
    return measure_beside(repetitions, rate, limit.name, [&] { return (machine.*limit.rate)(); });
}

// Few tokens, x [n, cols]: bytes of weights per second, against reading memory. `weights` together must be far larger
// than the caches.
[[nodiscard]] inline kernel_speed gemv_speed(std::span<std::unique_ptr<linear> const> weights, index n,
                                             roofline const& machine, int repetitions) {
    timed_products products(weights, n);
    return measure_beside(
        repetitions, [&] { return products.bytes() / products.seconds(); }, "DRAM read",
        [&] { return machine.read(); });
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
