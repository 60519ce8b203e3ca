// One column through sixteen rows of a format, on either path: what a panel_source answers about it.
#pragma once

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/block_groups.hpp>
#include <qeval/kernel/cpu/dense_gemv.hpp>
#include <qeval/kernel/cpu/exact_gemv.hpp>
#include <qeval/kernel/cpu/integer_activation.hpp>
#include <qeval/kernel/cpu/integer_gemv.hpp>
#include <qeval/pack/packed_view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Formats that are stored in blocks and read as lanes, and numbers; rows are whole numbers of blocks, or of 16 bytes.
template <class F>
struct column_kernels {
    static constexpr bool exact = has_exact_gemv<F> || dense_format<F>, integer = has_integer_gemv<F>;

    [[nodiscard]] static bool fits([[maybe_unused]] index cols) {
        if constexpr (dense_format<F>) {
            return cols % dense_gemv<F>::columns == 0;
        } else if constexpr (exact || integer) {
            return cols % F::block_size == 0;
        } else {
            return false;
        }
    }
    // From the file layout.
    static void run([[maybe_unused]] packed_view<F> const& m, [[maybe_unused]] index row0, [[maybe_unused]] float const* x,
                    [[maybe_unused]] float* out) {
        if constexpr (dense_format<F>) {
            dense_gemv<F>::run(m, row0, x, out);
        } else if constexpr (exact) {
            exact_gemv<F>::run(filed_groups<F>(m, row0), m.cols, x, out);
        }
    }
    static void run([[maybe_unused]] packed_view<F> const& m, [[maybe_unused]] index row0, [[maybe_unused]] integer_activation const& x,
                    [[maybe_unused]] float* out) {
        if constexpr (integer) integer_gemv<F>::run(filed_groups<F>(m, row0), m.cols, x, out);
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
