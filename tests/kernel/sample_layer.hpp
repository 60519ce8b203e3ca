// What tests of linears multiply: a layer of 50 outputs and 1024 inputs, its weights, its inputs, and its products in
// double.
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include <tests/golden/weight_streams.hpp>
#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval_test::sample_layer {

using namespace qeval;
using qeval::index; // not the one of <strings.h>

inline constexpr index rows = 50, cols = 1024;

inline std::vector<float> weights() { return weight_stream("gaussian").take(rows * cols); }

// Inputs around 1, and every `outliers`-th column of every third row around 20.
inline std::vector<float> inputs(index n, index outliers) {
    random_stream const draw(3);
    std::vector<float>  x(static_cast<std::size_t>(n * cols));
    for (index i = 0; i < n; ++i) {
        for (index k = 0; k < cols; ++k) {
            float const v =
                static_cast<float>(centred_sum(draw.bits(static_cast<std::uint64_t>(i * cols + k)))) * 0x1p-15f;
            x[static_cast<std::size_t>(i * cols + k)] =
                outliers > 0 && i % 3 == 0 && (k + i) % outliers == 0 ? (v < 0 ? v - 20 : v + 20) : v;
        }
    }
    return x;
}
inline matrix_view<float const> view(std::vector<float> const& x) {
    return {x.data(), static_cast<index>(x.size()) / cols, cols};
}

inline std::vector<float> run(linear const& w, std::vector<float> const& x) {
    std::vector<float> y(x.size() / cols * rows);
    auto const         prepared = w.prepare(view(x));
    CHECK(prepared->kind == w.input());
    w.apply(*prepared, {y.data(), static_cast<index>(x.size()) / cols, rows});
    return y;
}
template <class F>
std::vector<float> values(packed_view<F> const& w) {
    std::vector<float> out;
    for (index r = 0; r < w.rows; ++r) {
        for (index k = 0; k < w.cols; ++k) out.push_back(w(r, k));
    }
    return out;
}
// x W^T in double, with the sum of magnitudes beside it.
struct product {
    std::vector<double> y, magnitude;
};
inline product exact(std::vector<float> const& w, std::vector<float> const& x) {
    product p;
    for (std::size_t i = 0; i < x.size() / cols; ++i) {
        for (std::size_t r = 0; r < rows; ++r) {
            double y = 0, m = 0;
            for (std::size_t k = 0; k < cols; ++k) {
                double const t = double{w[r * cols + k]} * double{x[i * cols + k]};
                y += t, m += std::fabs(t);
            }
            p.y.push_back(y), p.magnitude.push_back(m);
        }
    }
    return p;
}
inline void check_close(std::vector<float> const& y, product const& p) {
    for (std::size_t i = 0; i < y.size(); ++i) CHECK(std::fabs(double{y[i]} - p.y[i]) <= 1e-5 * p.magnitude[i]);
}

} // namespace qeval_test::sample_layer
