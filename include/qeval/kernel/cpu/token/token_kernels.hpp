// One token through sixteen rows of a format, on either path: what a panel_source answers about it.
#pragma once

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/token/dense_gemv.hpp>
#include <qeval/kernel/cpu/token/exact_gemv.hpp>
#include <qeval/kernel/cpu/token/integer_activation.hpp>
#include <qeval/kernel/cpu/token/integer_gemv.hpp>
#include <qeval/kernel/cpu/token/plane_gemv.hpp>
#include <qeval/kernel/cpu/token/plane_integer_gemv.hpp>
#include <qeval/kernel/cpu/weight/block_groups.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Formats that are read as lanes, and numbers; rows are whole numbers of blocks, of the planes' pieces, or of 16 bytes.
template <class F>
struct token_kernels {
    [[nodiscard]] static bool exact_fits([[maybe_unused]] packed_view<F> const& m) {
        if constexpr (dense_format<F>) {
            return m.cols % dense_gemv<F>::depth == 0;
        } else if constexpr (has_plane_gemv<F>) {
            return plane_gemv<F>::fits(m);
        } else if constexpr (has_exact_gemv<F>) {
            return m.cols % F::block_size == 0;
        } else {
            return false;
        }
    }
    [[nodiscard]] static bool integer_fits([[maybe_unused]] packed_view<F> const& m) {
        if constexpr (has_plane_integer_gemv<F>) {
            return plane_integer_gemv<F>::fits(m);
        } else if constexpr (has_integer_gemv<F>) {
            return m.cols % F::block_size == 0;
        } else {
            return false;
        }
    }
    // From the file layout.
    static void run([[maybe_unused]] packed_view<F> const& m, [[maybe_unused]] index row0,
                    [[maybe_unused]] float const* x, [[maybe_unused]] float* out) {
        if constexpr (dense_format<F>) {
            dense_gemv<F>::run(m, row0, x, out);
        } else if constexpr (has_plane_gemv<F>) {
            plane_gemv<F>::run(m, row0, x, out);
        } else if constexpr (has_exact_gemv<F>) {
            exact_gemv<F>::run(filed_groups<F>(m, row0), m.cols, x, out);
        }
    }
    static void run([[maybe_unused]] packed_view<F> const& m, [[maybe_unused]] index row0,
                    [[maybe_unused]] integer_activation const& x, [[maybe_unused]] float* out) {
        if constexpr (has_plane_integer_gemv<F>) {
            plane_integer_gemv<F>::run(m, row0, x, out);
        } else if constexpr (has_integer_gemv<F>) {
            integer_gemv<F>::run(filed_groups<F>(m, row0), m.cols, x, out);
        }
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
