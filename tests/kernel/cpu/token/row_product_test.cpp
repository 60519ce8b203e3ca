// Products by rows: a gated pair has the bits of two products and a join, on every path and for every shape; two
// matrices that no kernel can run side by side give the same by themselves.
#include <cstring>
#include <memory>
#include <vector>

#include <tests/support/catch.hpp>

#include <qeval/core/random.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/format/catalog/dense.hpp>
#include <qeval/format/catalog/nf4.hpp>
#include <qeval/format/catalog/q4_k.hpp>
#include <qeval/format/catalog/q8_0.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>
#include <qeval/pack/encode.hpp>

namespace {

using qeval::index;
using qeval::linear;

std::vector<float> noise(index n, std::uint64_t seed) {
    qeval::random_stream const draw(seed);
    std::vector<float>         x(static_cast<std::size_t>(n));
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(draw.uniform(i) - 0.5);
    return x;
}
template <class F, class Path>
std::unique_ptr<linear> matrix(index rows, index cols, std::uint64_t seed, Path path, qeval::thread_pool& pool) {
    auto const w = noise(rows * cols, seed);
    return qeval::cpu::make_linear<F>(qeval::pack<F>(qeval::matrix_view<float const>(w.data(), rows, cols)), path,
                                      pool);
}
void join(float* gate, float const* up, index n) { // anything that is not symmetric
    for (index i = 0; i < n; ++i) gate[i] = gate[i] * 3 - up[i];
}

// gate and up, once together and once by themselves, into rows that lie `gap` numbers further apart than they are long.
void check_pair(linear const& gate, linear const& up, index n) {
    index const        rows = gate.rows(), gap = 5;
    auto const         x        = noise(n * gate.cols(), 9);
    auto const         prepared = gate.prepare({x.data(), n, gate.cols()});
    std::vector<float> a(static_cast<std::size_t>(n * rows)), b(a.size()),
        pair(static_cast<std::size_t>(n * (rows + gap)), -1.0f);
    gate.apply(*prepared, {a.data(), n, rows});
    up.apply(*prepared, {b.data(), n, rows});
    for (index i = 0; i < n; ++i) join(a.data() + i * rows, b.data() + i * rows, rows);
    gate.apply_gated(up, *prepared, join, {pair.data(), n, rows, rows + gap});
    INFO(gate.kernel() << ' ' << gate.format() << " and " << up.format() << ", " << rows << " rows, " << n
                       << " tokens");
    for (index i = 0; i < n; ++i) {
        REQUIRE(std::memcmp(pair.data() + i * (rows + gap), a.data() + i * rows, static_cast<std::size_t>(rows) * 4) ==
                0);
        for (index k = 0; k < gap; ++k) REQUIRE(pair[static_cast<std::size_t>(i * (rows + gap) + rows + k)] == -1.0f);
    }
}

template <class F, class G, class Path>
void check_paths(Path path) {
    for (int threads : {1, 3}) {
        qeval::thread_pool pool(threads);
        for (index rows : {1, 16, 47, 48, 100, 257}) {
            auto const gate = matrix<F>(rows, 512, 1, path, pool);
            auto const up   = matrix<G>(rows, 512, 2, path, pool);
            for (index n : {1, 2, 7, 50}) check_pair(*gate, *up, n);
        }
    }
}

TEST_CASE("a gated pair has the bits of two products and a join, whatever the path, the formats and the shape") {
    using namespace qeval::cpu;
    check_paths<qeval::q4_k, qeval::q4_k>(exact_path{});
    check_paths<qeval::q4_k, qeval::q8_0>(exact_path{});
    check_paths<qeval::dense_bf16, qeval::nf4>(exact_path{}); // one has a kernel for a single token, the other has not
    check_paths<qeval::q8_0, qeval::q8_0>(exact_path{qeval::compute_type::f16});
    check_paths<qeval::q4_k, qeval::q8_0>(integer_path{});
    check_paths<qeval::q8_0, qeval::q4_k>(integer_path{activation_group::token});
    check_paths<qeval::q8_0, qeval::q8_0>(bf16_path{});
}

// A linear that is no kernel of ours: the pair then goes through apply() of both.
class twice final : public linear {
public:
    explicit twice(std::unique_ptr<linear> base) : base_(std::move(base)) {}
    [[nodiscard]] index                              rows() const override { return base_->rows(); }
    [[nodiscard]] index                              cols() const override { return base_->cols(); }
    [[nodiscard]] std::size_t                        bytes() const override { return base_->bytes(); }
    [[nodiscard]] std::string_view                   format() const override { return base_->format(); }
    [[nodiscard]] std::string_view                   kernel() const override { return "twice"; }
    [[nodiscard]] std::string_view                   input() const override { return base_->input(); }
    [[nodiscard]] std::unique_ptr<qeval::activation> prepare(qeval::input_rows const& x) const override {
        return base_->prepare(x);
    }
    void apply(qeval::activation const& x, qeval::matrix_view<float> y) const override {
        base_->apply(x, y);
        for (index i = 0; i < y.rows; ++i) {
            for (index r = 0; r < y.cols; ++r) y(i, r) *= 2;
        }
    }
    void row(index i, std::span<float> out) const override { base_->row(i, out); }

private:
    std::unique_ptr<linear> base_;
};

TEST_CASE("a gated pair with a linear of another kind is computed apart") {
    qeval::thread_pool pool(2);
    auto const         plain = matrix<qeval::q8_0>(70, 64, 1, qeval::cpu::exact_path{}, pool);
    twice const        other(matrix<qeval::q8_0>(70, 64, 2, qeval::cpu::exact_path{}, pool));
    for (index n : {1, 5}) {
        check_pair(*plain, other, n);
        check_pair(other, *plain, n);
    }
}

} // namespace
