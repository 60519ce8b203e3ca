// Sixteen rows of a packed matrix, unpacked for a kernel: what separates "how to decode" from "how to accumulate".
#pragma once

#include <cstdint>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// Columns [k0, k0 + n) of 16 rows as integers: four codes to a 32-bit lane, unsigned (level - lowest level), with the
// affines of each 32 columns: one group of 32, or two of 16.
struct integer_panel {
    std::uint32_t* words;   // [n / 4][16]
    float*         scales;  // [n / 32][groups][16], times the unit of the levels
    float*         offsets; // [n / 32][groups][16]
    std::int32_t*  zeros;   // [n / 32][groups][16], lowest level - zero point: times the sum of the activations
};

// The erased side of a format: everything a kernel asks of a matrix. One indirect call unpacks thousands of weights.
class panel_source {
public:
    virtual ~panel_source() = default;

    [[nodiscard]] virtual index rows() const = 0;
    [[nodiscard]] virtual index cols() const = 0;

    // Weights of rows [row0, row0 + 16), columns [k0, k0 + n), n a multiple of 4, as floats in the order of the exact path:
    // out[((k - k0) % 4 * n / 4 + (k - k0) / 4) * stride + row]. Rows and columns beyond the matrix are zero.
    virtual void floats(index row0, index k0, index n, float* out, index stride) const = 0;

    // The same as integers; n a multiple of 32. Only where integer_groups() is not 0.
    virtual void              integers(index row0, index k0, index n, integer_panel const& out) const = 0;
    [[nodiscard]] virtual int integer_groups() const = 0; // groups in 32 columns: 1 or 2; 0: no integer levels
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
