// What the CPU asks of a matrix whose format is erased: its panels, in one of two layouts.
#pragma once

#include <memory>
#include <string_view>

#include <qeval/core/macros.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/kernel/cpu/packed_linear.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

class matrix_kernels {
public:
    virtual ~matrix_kernels() = default;

    // As the file has them; the matrix gives its bytes away.
    [[nodiscard]] virtual std::unique_ptr<linear_weights const> take() = 0;
    // In the kernel layout, from a copy: quicker for one token at a time. nullptr where the format has none.
    [[nodiscard]] virtual std::unique_ptr<linear_weights const> interleaved(thread_pool& pool) const = 0;

    [[nodiscard]] virtual bool             integer_fits() const = 0; // the integer path can compute with this matrix
    [[nodiscard]] virtual std::string_view decoder() const      = 0; // of the exact path: "lanes", "numbers", "scalar"
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
