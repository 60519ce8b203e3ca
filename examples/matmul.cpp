// Pack a matrix in two formats, multiply, and see what the formats cost.
// run: 3
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <qeval/core/random.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/pack/encode.hpp>

namespace q = qeval;

// [matmul]
template <class Format>
std::vector<float> product(q::matrix_view<float const> weights, q::matrix_view<float const> x, q::thread_pool& pool) {
    auto linear = q::cpu::make_linear<Format>(q::pack<Format>(weights, pool), q::cpu::exact_path{}, pool); // x W^T
    std::vector<float> y(std::size_t(x.rows * weights.rows));
    linear->apply(*linear->prepare(x), {y.data(), x.rows, weights.rows});
    std::printf("%-8s %7zu bytes  kernel %-14s y[0] = %.6f\n", std::string(linear->format()).c_str(), linear->bytes(),
                std::string(linear->kernel()).c_str(), double(y[0]));
    return y;
}
// [/matmul]

int main(int argc, char** argv) {
    q::index const         rows = 512, cols = 1024, n = argc > 1 ? std::max(1, std::atoi(argv[1])) : 1; // n: tokens
    q::random_stream const draw(7);
    std::vector<float>     w(std::size_t(rows * cols)), x(std::size_t(n * cols));
    for (std::size_t i = 0; i < w.size(); ++i) w[i] = float(draw.uniform(i) - 0.5);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = float(draw.uniform(1'000'000 + i) - 0.5);

    q::thread_pool pool;
    auto const     exact = product<q::dense_f32>({w.data(), rows, cols}, {x.data(), n, cols}, pool);
    bool           close = true;
    auto const     check = [&](std::vector<float> const& y, float bound) {
        for (std::size_t i = 0; i < y.size(); ++i) close = close && std::fabs(y[i] - exact[i]) < bound;
    };
    check(product<q::q8_0>({w.data(), rows, cols}, {x.data(), n, cols}, pool), 0.2f);
    check(product<q::q4_k>({w.data(), rows, cols}, {x.data(), n, cols}, pool), 2.0f);
    return close ? 0 : 1;
}
