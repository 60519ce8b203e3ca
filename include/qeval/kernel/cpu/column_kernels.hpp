// One column through sixteen rows of a format, on either path: what a panel_source answers about it.
#pragma once

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/block_groups.hpp>
#include <qeval/kernel/cpu/exact_gemv.hpp>
#include <qeval/kernel/cpu/integer_activation.hpp>
#include <qeval/kernel/cpu/integer_gemv.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Formats that are stored in blocks and read as lanes; rows are whole numbers of blocks.
template <class F>
struct column_kernels {
    static constexpr bool exact = has_exact_gemv<F>, integer = has_integer_gemv<F>;

    [[nodiscard]] static bool fits([[maybe_unused]] index cols) {
        if constexpr (exact || integer) {
            return cols % F::block_size == 0;
        } else {
            return false;
        }
    }
    static void run([[maybe_unused]] block_groups const& rows, [[maybe_unused]] index cols, [[maybe_unused]] float const* x,
                    [[maybe_unused]] float* out) {
        if constexpr (exact) exact_gemv<F>::run(rows, cols, x, out);
    }
    static void run([[maybe_unused]] block_groups const& rows, [[maybe_unused]] index cols, [[maybe_unused]] integer_activation const& x,
                    [[maybe_unused]] float* out) {
        if constexpr (integer) integer_gemv<F>::run(rows, cols, x, out);
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
