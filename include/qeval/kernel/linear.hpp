// y = x W^T for a weight matrix in any format: the one place where formats are erased, so that the cost of compiling is
// architectures + formats and not architectures x formats.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/kernel/input_rows.hpp>

namespace qeval {

// A matmul input, prepared once and shared by every linear whose kernel takes the same kind (q, k and v; gate and up).
// Kernels derive from it; `kind` names the derived type and its parameters.
struct activation {
    explicit activation(std::string_view k) : kind(k) {}
    activation(activation const&)            = delete;
    activation& operator=(activation const&) = delete;
    virtual ~activation()                    = default;

    std::string_view kind; // "f32", "int8/32", ...; points to static storage
    index            rows = 0;
    index            cols = 0;
};

// gate[i] <- activation(gate[i]) * up[i] for n values: how a gated unit joins its two halves.
using gate_function = void(float* gate, float const* up, index n);

class linear {
public:
    virtual ~linear() = default;

    [[nodiscard]] virtual index            rows() const   = 0; // outputs
    [[nodiscard]] virtual index            cols() const   = 0; // inputs
    [[nodiscard]] virtual std::size_t      bytes() const  = 0; // exactly what is stored, scales and tails included
    [[nodiscard]] virtual std::string_view format() const = 0; // its name
    [[nodiscard]] virtual std::string_view kernel() const = 0; // "exact/lanes", "integer/int8"
    [[nodiscard]] virtual std::string_view input() const  = 0; // the activation kind that apply() takes

    // x is [n, cols]. The result may refer to rows that x has stored: it lives no longer than they do.
    [[nodiscard]] virtual std::unique_ptr<activation> prepare(input_rows const& x) const = 0;
    // y is [n, rows]; `x` comes from prepare() of a linear with the same input().
    virtual void apply(activation const& x, matrix_view<float> y) const = 0;
    // y [n, rows] = join(x W^T, x U^T) for a matrix U of the same shape that takes the same input(): the bits of two
    // apply() and a join of each row. Kernels that can join while both halves are in their caches.
    virtual void apply_gated(linear const& up, activation const& x, gate_function* join, matrix_view<float> y) const {
        std::vector<float>       values(static_cast<std::size_t>(y.rows * y.cols));
        matrix_view<float> const other(values.data(), y.rows, y.cols);
        apply(x, y);
        up.apply(x, other);
        for (index i = 0; i < y.rows; ++i) join(&y(i, 0), &other(i, 0), y.cols);
    }
    // Row i as floats, [cols]: an embedding look-up.
    virtual void row(index i, std::span<float> out) const = 0;
};

} // namespace qeval
