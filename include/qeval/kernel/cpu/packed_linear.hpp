// The `linear` of a packed matrix: a format (how to decode) joined with a path (how to accumulate).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/format/name.hpp>
#include <qeval/kernel/compute.hpp>
#include <qeval/kernel/cpu/exact.hpp>
#include <qeval/kernel/cpu/integer.hpp>
#include <qeval/kernel/cpu/interleaved_panel.hpp>
#include <qeval/kernel/cpu/unpack_panel.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// What all formats share: everything but the panel source is independent of the format.
class path_linear : public linear {
public:
    path_linear(thread_pool& pool, std::string kernel) : pool_(&pool), kernel_(std::move(kernel)) {}
    [[nodiscard]] index            rows() const final { return source().rows(); }
    [[nodiscard]] index            cols() const final { return source().cols(); }
    [[nodiscard]] std::string_view kernel() const final { return kernel_; }

protected:
    void check(activation const& x, matrix_view<float> const& y) const {
        if (x.kind != input() || x.cols != cols() || y.rows != x.rows || y.cols != rows()) {
            throw internal_error({"IN01", "linear::apply", std::string(x.kind) + " [" + std::to_string(x.rows) + ", " + std::to_string(x.cols) + "]",
                                  std::string(input()) + " [n, " + std::to_string(cols()) + "] from prepare() of the same kind", ""});
        }
    }
    [[nodiscard]] virtual panel_source const& source() const = 0;
    thread_pool*                              pool_;
    std::string                               kernel_;
};

// f32 sums of operands in a compute type.
struct exact_path {
    compute_type type = compute_type::f32;

    [[nodiscard]] std::string      name() const { return type == compute_type::f32 ? "exact" : "emulated-" + std::string(name_of(type)); }
    [[nodiscard]] std::string_view input() const { return name_of(type); }
    void                           accept(panel_source const&) const {} // any matrix
    [[nodiscard]] std::unique_ptr<activation> prepare(matrix_view<float const> x, thread_pool& pool) const {
        return std::make_unique<exact_activation<f32_words>>(input(), x, type, pool);
    }
    void apply(panel_source const& w, activation const& x, matrix_view<float> y, thread_pool& pool) const {
        matmul_exact(w, static_cast<exact_activation<f32_words> const&>(x), type, y, pool);
    }
};
// Weights and inputs rounded to bf16, products summed in f32 by the bf16 dot instruction (or its arithmetic).
struct bf16_path {
    [[nodiscard]] std::string      name() const { return "bf16"; }
    [[nodiscard]] std::string_view input() const { return "bf16 pairs"; }
    void                           accept(panel_source const&) const {} // any matrix
    [[nodiscard]] std::unique_ptr<activation> prepare(matrix_view<float const> x, thread_pool& pool) const {
        return std::make_unique<exact_activation<bf16_words>>(input(), x, compute_type::f32, pool);
    }
    void apply(panel_source const& w, activation const& x, matrix_view<float> y, thread_pool& pool) const {
        matmul_exact(w, static_cast<exact_activation<bf16_words> const&>(x), compute_type::f32, y, pool);
    }
};
// int8 activations, integer dot products.
struct integer_path {
    activation_group group = activation_group::columns_32;

    [[nodiscard]] std::string name() const {
        return group == activation_group::token ? "integer-token" : group == activation_group::columns_256 ? "integer-256" : "integer";
    }
    [[nodiscard]] std::string_view input() const { return kind_of(group); }
    // A flat format has integer levels for every matrix, but groups that fit 32 columns only where they start with the rows.
    void accept(panel_source const& w) const {
        if (w.integers_as().scale_groups != 0) return;
        throw usage_error({"MM02", "the integer path", "groups that straddle the rows of a matrix of " + std::to_string(w.cols()) + " columns",
                           "groups that start with each row", "use the exact path for this matrix"});
    }
    [[nodiscard]] std::unique_ptr<activation> prepare(matrix_view<float const> x, thread_pool& pool) const {
        return std::make_unique<integer_activation>(x, group, pool);
    }
    void apply(panel_source const& w, activation const& x, matrix_view<float> y, thread_pool& pool) const {
        matmul_integer(w, static_cast<integer_activation const&>(x), y, pool);
    }
};

template <class F, class Path>
class packed_linear final : public path_linear {
public:
    packed_linear(packed_matrix<F> w, Path path, thread_pool& pool)
        : path_linear(pool, ""), weights_(std::move(w)), panel_(weights_.view()), path_(path) {
        path_.accept(panel_);
        name_   = name_in<F>(weights_.geometry());
        kernel_ = path_.name() + "/" + std::string(panel_.decoder());
    }
    [[nodiscard]] std::size_t      bytes() const override { return static_cast<std::size_t>(weights_.bytes()); }
    [[nodiscard]] std::string_view format() const override { return name_; }
    [[nodiscard]] std::string_view input() const override { return path_.input(); }

    [[nodiscard]] std::unique_ptr<activation> prepare(matrix_view<float const> x) const override { return path_.prepare(x, *pool_); }
    void apply(activation const& x, matrix_view<float> y) const override {
        check(x, y);
        path_.apply(panel_, x, y, *pool_);
    }
    void row(index i, std::span<float> out) const override { decode_row(weights_.view(), i, 0, out); }

private:
    [[nodiscard]] panel_source const& source() const override { return panel_; }

    packed_matrix<F>  weights_;
    unpacked_panel<F> panel_;
    Path              path_;
    std::string       name_;
};

// The same of a matrix in the kernel layout: quicker for one column, slower for many; there is no copy in file order.
template <class F, class Path>
class interleaved_linear final : public path_linear {
public:
    interleaved_linear(packed_matrix<F> const& w, Path path, thread_pool& pool)
        : path_linear(pool, path.name() + "/" + std::string(interleaved_panel<F>::decoder())), weights_(w.view(), pool), panel_(weights_),
          path_(path), name_(name_in<F>(w.geometry())) {
        path_.accept(panel_);
    }
    [[nodiscard]] std::size_t      bytes() const override { return static_cast<std::size_t>(packed_bytes<F>(rows(), cols())); }
    [[nodiscard]] std::string_view format() const override { return name_; }
    [[nodiscard]] std::string_view input() const override { return path_.input(); }

    [[nodiscard]] std::unique_ptr<activation> prepare(matrix_view<float const> x) const override { return path_.prepare(x, *pool_); }
    void apply(activation const& x, matrix_view<float> y) const override {
        check(x, y);
        path_.apply(panel_, x, y, *pool_);
    }
    void row(index i, std::span<float> out) const override {
        for (std::size_t k = 0; k < out.size();) {
            auto const block = weights_.block(i, index(k) / F::block_size);
            for (index in = 0; in < F::block_size && k < out.size(); ++in) out[k++] = decode<F>(block, in);
        }
    }

private:
    [[nodiscard]] panel_source const& source() const override { return panel_; }

    interleaved_matrix<F> weights_;
    interleaved_panel<F>  panel_;
    Path                  path_;
    std::string           name_;
};

// A path by name of what a scheme asks for. Integer activations need integer levels: asking otherwise is an error here and
// `false` from integer_path_fits<F>.
template <class F>
inline constexpr bool integer_path_fits = integer_groups_of<F>() != 0;

template <class F>
std::unique_ptr<linear> make_linear(packed_matrix<F> w, exact_path path, thread_pool& pool) {
    return std::make_unique<packed_linear<F, exact_path>>(std::move(w), path, pool);
}
template <class F>
std::unique_ptr<linear> make_linear(packed_matrix<F> w, bf16_path path, thread_pool& pool) {
    return std::make_unique<packed_linear<F, bf16_path>>(std::move(w), path, pool);
}
template <class F>
    requires integer_path_fits<F>
std::unique_ptr<linear> make_linear(packed_matrix<F> w, integer_path path, thread_pool& pool) {
    return std::make_unique<packed_linear<F, integer_path>>(std::move(w), path, pool);
}

// Which layout a linear keeps is a choice: file order shares its bytes with a mapped file and multiplies many columns as quickly
// as any; the kernel layout is what one column runs through at the speed of memory.
template <class F>
inline constexpr bool has_kernel_layout = [] {
    if constexpr (has_block_lanes<F> && interleavable<F>) return true;
    return false;
}();
template <class F, class Path>
    requires has_kernel_layout<F>
std::unique_ptr<linear> make_interleaved_linear(packed_matrix<F> const& w, Path path, thread_pool& pool) {
    return std::make_unique<interleaved_linear<F, Path>>(w, path, pool);
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
