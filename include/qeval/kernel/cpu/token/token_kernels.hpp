// The product of a matrix in a format with one token, on either path: what a panel_source answers about it.
#pragma once

#include <memory>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/token/dense_gemv.hpp>
#include <qeval/kernel/cpu/token/exact_gemv.hpp>
#include <qeval/kernel/cpu/token/integer_activation.hpp>
#include <qeval/kernel/cpu/token/integer_gemv.hpp>
#include <qeval/kernel/cpu/token/plane_gemv.hpp>
#include <qeval/kernel/cpu/token/plane_integer_gemv.hpp>
#include <qeval/kernel/cpu/token/row_product.hpp>
#include <qeval/kernel/cpu/weight/block_groups.hpp>
#include <qeval/pack/interleaved.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Formats that are read as lanes, and numbers; null for others, and where rows are no whole numbers of blocks, of the
// planes' pieces, or of 16 bytes.
template <class F>
class token_kernels {
public:
    using product = std::unique_ptr<row_product>;

    // Products from the file layout.
    [[nodiscard]] static product exact(packed_view<F> const& m, float const* x, int threads) {
        if constexpr (dense_format<F>) {
            return from_view<dense_gemv<F>>(m, x, threads);
        } else if constexpr (has_plane_gemv<F>) {
            return from_view<plane_gemv<F>>(m, x, threads);
        } else if constexpr (has_exact_gemv<F>) {
            return from_groups<exact_gemv<F>>(m.rows, m.cols, filed(m), x, threads);
        } else {
            return nullptr;
        }
    }
    [[nodiscard]] static product integer(packed_view<F> const& m, integer_activation const& x, int threads) {
        if constexpr (has_plane_integer_gemv<F>) {
            return from_view<plane_integer_gemv<F>>(m, &x, threads);
        } else if constexpr (has_integer_gemv<F>) {
            return from_groups<integer_gemv<F>>(m.rows, m.cols, filed(m), &x, threads);
        } else {
            return nullptr;
        }
    }
    // Products from the kernel layout.
    template <class Layout>
    [[nodiscard]] static product exact(interleaved_matrix<Layout> const& m, float const* x, int threads) {
        if constexpr (has_exact_gemv<F>) return from_groups<exact_gemv<F>>(m.rows(), m.cols(), stored(m), x, threads);
        return nullptr;
    }
    template <class Layout>
    [[nodiscard]] static product integer(interleaved_matrix<Layout> const& m, integer_activation const& x,
                                         int threads) {
        if constexpr (has_integer_gemv<F>)
            return from_groups<integer_gemv<F>>(m.rows(), m.cols(), stored(m), &x, threads);
        return nullptr;
    }

private:
    static auto filed(packed_view<F> const& m) {
        return [m](index row0) { return filed_groups<F>(m, row0); };
    }
    template <class Layout>
    static auto stored(interleaved_matrix<Layout> const& m) {
        return [&m](index row0) { return stored_groups<F>(m, row0); };
    }
    template <class Gemv, class X>
    static product from_view(packed_view<F> const& m, X const* x, int threads) {
        if (!Gemv::fits(m)) return nullptr;
        return make_token_product(
            m.rows, [m, x](index row0, float* out) { Gemv::run(m, row0, x, out); }, threads);
    }
    template <class Gemv, class GroupsAt, class X>
    static product from_groups(index rows, index cols, GroupsAt groups_at, X const* x, int threads) {
        if (cols % F::block_size != 0) return nullptr;
        return make_token_product(
            rows, [=](index row0, float* out) { Gemv::run(groups_at(row0), cols, x, out); }, threads);
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
