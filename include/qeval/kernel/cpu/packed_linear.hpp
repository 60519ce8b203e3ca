// The `linear` of a packed matrix: a format (how to decode) joined with a path (how to accumulate).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/format/name.hpp>
#include <qeval/kernel/compute.hpp>
#include <qeval/kernel/cpu/panel/interleaved_panel.hpp>
#include <qeval/kernel/cpu/panel/unpack_panel.hpp>
#include <qeval/kernel/cpu/product/exact.hpp>
#include <qeval/kernel/cpu/product/integer.hpp>
#include <qeval/kernel/linear.hpp>
#include <qeval/pack/packed_matrix.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// f32 sums of operands in a compute type.
struct exact_path {
    static constexpr panel_parts asks = panel_parts::floats;
    compute_type                 type = compute_type::f32;

    [[nodiscard]] std::string name() const {
        return type == compute_type::f32 ? "exact" : "emulated-" + std::string(name_of(type));
    }
    [[nodiscard]] std::string_view            input() const { return name_of(type); }
    void                                      accept(panel_source const&) const {} // any matrix
    [[nodiscard]] std::unique_ptr<activation> prepare(input_rows const& x, thread_pool& pool) const {
        return std::make_unique<exact_activation<f32_words>>(input(), x, type, pool);
    }
    [[nodiscard]] std::unique_ptr<row_product> product(panel_source const& w, activation const& prepared,
                                                       int threads) const {
        auto const& x = static_cast<exact_activation<f32_words> const&>(prepared);
        if (type == compute_type::f32 && x.rows == 1) {
            if (auto one = w.token_product(x.token(), threads)) return one;
        }
        return std::make_unique<exact_product<f32_words>>(w, x, type, threads);
    }
};
// Weights and inputs rounded to bf16, products summed in f32 by the bf16 dot instruction (or its arithmetic).
struct bf16_path {
    static constexpr panel_parts asks   = panel_parts::float_panels;
    compute_type                 output = compute_type::f32; // what outputs are rounded to

    [[nodiscard]] std::string                 name() const { return "bf16"; }
    [[nodiscard]] std::string_view            input() const { return "bf16 pairs"; }
    void                                      accept(panel_source const&) const {} // any matrix
    [[nodiscard]] std::unique_ptr<activation> prepare(input_rows const& x, thread_pool& pool) const {
        return std::make_unique<exact_activation<bf16_words>>(input(), x, compute_type::f32, pool);
    }
    [[nodiscard]] std::unique_ptr<row_product> product(panel_source const& w, activation const& x, int threads) const {
        return std::make_unique<exact_product<bf16_words>>(w, static_cast<exact_activation<bf16_words> const&>(x),
                                                           output, threads);
    }
};
// int8 activations, integer dot products.
struct integer_path {
    static constexpr panel_parts asks  = panel_parts::integers;
    activation_group             group = activation_group::depths_32;

    [[nodiscard]] std::string name() const {
        return group == activation_group::token        ? "integer-token"
               : group == activation_group::depths_256 ? "integer-256"
                                                       : "integer";
    }
    [[nodiscard]] std::string_view input() const { return kind_of(group); }
    // A flat format has integer levels for every matrix, but groups that fit 32 depths only where they start with the
    // rows.
    void accept(panel_source const& w) const {
        if (w.integers_as().scale_groups != 0) return;
        throw usage_error({"MM02", "the integer path",
                           "groups that straddle the rows of a matrix of " + std::to_string(w.cols()) + " columns",
                           "groups that start with each row", "use the exact path for this matrix"});
    }
    [[nodiscard]] std::unique_ptr<activation> prepare(input_rows const& x, thread_pool& pool) const {
        return std::make_unique<integer_activation>(x, group, pool);
    }
    [[nodiscard]] std::unique_ptr<row_product> product(panel_source const& w, activation const& prepared,
                                                       int threads) const {
        auto const& x = static_cast<integer_activation const&>(prepared);
        if (x.rows == 1) {
            if (auto one = w.token_product(x, threads)) return one;
        }
        return make_integer_product(w, x, threads);
    }
};

// What a format adds to a linear: a matrix, and the panels of it.
class linear_weights {
public:
    virtual ~linear_weights() = default;

    [[nodiscard]] virtual panel_source const& source() const                           = 0;
    [[nodiscard]] virtual std::size_t         bytes() const                            = 0;
    [[nodiscard]] virtual std::string_view    decoder() const                          = 0;
    virtual void                              row(index i, std::span<float> out) const = 0;
    [[nodiscard]] virtual float               weight(index r, index k) const           = 0;
};

// Parts: what paths will ask of it.
template <class F, panel_parts Parts = panel_parts::all>
class packed_weights final : public linear_weights {
public:
    explicit packed_weights(packed_matrix<F> w) : weights_(std::move(w)), panel_(weights_.view()) {}

    [[nodiscard]] panel_source const& source() const override { return panel_; }
    [[nodiscard]] std::size_t         bytes() const override { return static_cast<std::size_t>(weights_.bytes()); }
    [[nodiscard]] std::string_view    decoder() const override { return panel_.decoder(); }
    void                row(index i, std::span<float> out) const override { decode_row(weights_.view(), i, 0, out); }
    [[nodiscard]] float weight(index r, index k) const override { return weights_.view()(r, k); }

private:
    packed_matrix<F>         weights_;
    unpacked_panel<F, Parts> panel_;
};

// The weights of a linear in the kernel layout; there is no copy in file order.
template <class F, panel_parts Parts = panel_parts::all>
class interleaved_weights final : public linear_weights {
public:
    interleaved_weights(packed_matrix<F> const& w, thread_pool& pool) : weights_(w.view(), pool), panel_(weights_) {}

    [[nodiscard]] panel_source const& source() const override { return panel_; }

    [[nodiscard]] std::size_t bytes() const override {
        return static_cast<std::size_t>(packed_bytes<F>(weights_.rows(), weights_.cols()));
    }
    [[nodiscard]] std::string_view decoder() const override { return panel_.decoder(); }

    void row(index i, std::span<float> out) const override {
        for (std::size_t k = 0; k < out.size();) {
            auto const block = weights_.block(i, index(k) / F::block_size);
            for (index in = 0; in < F::block_size && k < out.size(); ++in) out[k++] = decode<F>(block, in);
        }
    }
    [[nodiscard]] float weight(index r, index k) const override {
        return decode<F>(weights_.block(r, k / F::block_size), k % F::block_size);
    }

private:
    interleaved_matrix<F>       weights_;
    interleaved_panel<F, Parts> panel_;
};

// Compiled once for a path, not once for each format and path.
template <class Path>
class path_linear final : public linear {
public:
    path_linear(std::unique_ptr<linear_weights const> w, std::string format, Path path, thread_pool& pool)
        : weights_(std::move(w)), source_(&weights_->source()), path_(path), pool_(&pool), format_(std::move(format)) {
        path_.accept(*source_);
        kernel_ = path_.name() + "/" + std::string(weights_->decoder());
    }
    [[nodiscard]] index            rows() const override { return source_->rows(); }
    [[nodiscard]] index            cols() const override { return source_->cols(); }
    [[nodiscard]] std::size_t      bytes() const override { return weights_->bytes(); }
    [[nodiscard]] std::string_view format() const override { return format_; }
    [[nodiscard]] std::string_view kernel() const override { return kernel_; }
    [[nodiscard]] std::string_view input() const override { return path_.input(); }

    [[nodiscard]] std::unique_ptr<activation> prepare(input_rows const& x) const override {
        return path_.prepare(x, *pool_);
    }
    void apply(activation const& x, matrix_view<float> y) const override {
        check(x, y);
        auto const product = path_.product(*source_, x, pool_->size());
        pool_->for_chunks(product->units(), product->together(),
                          [&](index begin, index end) { product->run(begin, end, product->outputs(y, begin, end)); });
    }
    void apply_gated(linear const& up, activation const& x, gate_function* join, matrix_view<float> y) const override {
        auto const* const other = dynamic_cast<path_linear const*>(&up);
        if (other == nullptr || other->rows() != rows() || other->cols() != cols())
            return linear::apply_gated(up, x, join, y);
        check(x, y);
        auto const mine = path_.product(*source_, x, pool_->size()),
                   its  = other->path_.product(*other->source_, x, pool_->size());
        if (mine->height() != its->height()) return linear::apply_gated(up, x, join, y);
        run_gated(*mine, *its, join, y, *pool_);
    }
    void row(index i, std::span<float> out) const override { weights_->row(i, out); }

private:
    void check(activation const& x, matrix_view<float> const& y) const {
        if (x.kind != input() || x.cols != cols() || y.rows != x.rows || y.cols != rows()) {
            throw internal_error(
                {"IN01", "linear::apply",
                 std::string(x.kind) + " [" + std::to_string(x.rows) + ", " + std::to_string(x.cols) + "]",
                 std::string(input()) + " [n, " + std::to_string(cols()) + "] from prepare() of the same kind", ""});
        }
    }

    std::unique_ptr<linear_weights const> weights_;
    panel_source const*                   source_;
    Path                                  path_;
    thread_pool*                          pool_;
    std::string                           format_, kernel_;
};

// A path by name of what a scheme asks for. Integer activations need integer levels: asking otherwise is an error here
// and `false` from integer_path_fits<F>.
template <class F>
inline constexpr bool integer_path_fits = integer_groups_of<F>() != 0;

template <class F, class Path>
requires(!std::is_same_v<Path, integer_path> ||
         integer_path_fits<F>) std::unique_ptr<linear> make_linear(packed_matrix<F> w, Path path, thread_pool& pool) {
    auto name = name_in<F>(w.geometry());
    return std::make_unique<path_linear<Path>>(std::make_unique<packed_weights<F, Path::asks>>(std::move(w)),
                                               std::move(name), path, pool);
}

// Which layout a linear keeps is a choice: file order shares its bytes with a mapped file; the kernel layout is what
// one token runs through at the speed of memory. Many tokens are multiplied as quickly from either.
template <class F>
inline constexpr bool has_kernel_layout = [] {
    if constexpr (has_block_rows<F>) return true;
    return false;
}();
template <class F, class Path>
requires has_kernel_layout<F> std::unique_ptr<linear> make_interleaved_linear(packed_matrix<F> const& w, Path path,
                                                                              thread_pool& pool) {
    return std::make_unique<path_linear<Path>>(std::make_unique<interleaved_weights<F, Path::asks>>(w, pool),
                                               name_in<F>(w.geometry()), path, pool);
}

} // namespace QEVAL_ISA
} // namespace qeval::cpu
