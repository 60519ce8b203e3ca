// Sixteen rows of a packed matrix, unpacked for a kernel: what separates "how to decode" from "how to accumulate".
#pragma once

#include <cstdint>
#include <memory>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/kernel/cpu/token/integer_activation.hpp>
#include <qeval/kernel/cpu/token/row_product.hpp>
#include <qeval/kernel/integer_form.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// `vectors` times 16 rows as integers: one stream of records of 32 depths, in the order a kernel reads them. All
// entries are vectors of 16 lanes:
//   codes   [8][vectors]        four bytes to a lane: (level - zero) / unit - lowest, see kernel/integer_form.hpp
//   scales  [groups][vectors]   f32, times the unit
//   biases  [groups][vectors]   f32, -rounding_bias * scale
//   offsets [groups][vectors]   f32
//   zeros   [groups][vectors]   int32, minus the zero point, where it is not in the codes
struct integer_panel {
    std::int32_t* data    = nullptr;
    int           vectors = 1;
    int           vector  = 0; // the one that is meant
    integer_form  form;

    static constexpr int codes = 8;
    [[nodiscard]] int    scales() const { return codes; }
    [[nodiscard]] int    biases() const { return scales() + form.scale_groups; }
    [[nodiscard]] int    offsets() const { return biases() + form.scale_groups; }
    [[nodiscard]] int    zeros() const { return offsets() + form.offset_groups; }
    [[nodiscard]] int    record() const { return zeros() + (form.row_zeros ? form.scale_groups : 0); }

    [[nodiscard]] std::int32_t* at(index block, int entry) const {
        return data + ((block * record() + entry) * vectors + vector) * 16;
    }
    [[nodiscard]] float* number_at(index block, int entry) const { return reinterpret_cast<float*>(at(block, entry)); }
};

// What a path asks of a panel_source. What it never asks for need not be compiled.
enum class panel_parts { floats, float_panels, integers, all }; // float_panels: no single tokens
constexpr bool has_floats(panel_parts p) { return p != panel_parts::integers; }
constexpr bool has_float_tokens(panel_parts p) { return p == panel_parts::floats || p == panel_parts::all; }
constexpr bool has_integers(panel_parts p) { return p == panel_parts::integers || p == panel_parts::all; }

// The erased side of a format: everything a kernel asks of a matrix. One indirect call unpacks thousands of weights.
class panel_source {
public:
    virtual ~panel_source() = default;

    [[nodiscard]] virtual index rows() const = 0;
    [[nodiscard]] virtual index cols() const = 0;

    // Weights of rows [row0, row0 + 16), depths [k0, k0 + n), n a multiple of 4, as floats in the order of the exact
    // path: out[((k - k0) % 4 * n / 4 + (k - k0) / 4) * stride + row]. Depths beyond the matrix are zero; rows beyond
    // it are arbitrary, but row0 is inside.
    virtual void floats(index row0, index k0, index n, float* out, index stride) const = 0;

    // The same weights as integers; k0 and n are multiples of 32. To be called only where integers_as() has scale
    // groups.
    virtual void                       integers(index row0, index k0, index n, integer_panel const& out) const = 0;
    [[nodiscard]] virtual integer_form integers_as() const                                                     = 0;

    // Rows [row0, row0 + n), depths [k0, k0 + cols) will be unpacked soon: their bytes lie in pieces that no hardware
    // foresees.
    virtual void prefetch(index row0, index n, index k0, index cols) const = 0;

    // The product with the only row of x, straight through the stored bytes, with the bits of the way through panels;
    // null where the matrix has no such kernel. x: laid out as its activation does.
    [[nodiscard]] virtual std::unique_ptr<row_product> token_product(float const* x, int threads) const = 0;

    [[nodiscard]] virtual std::unique_ptr<row_product> token_product(integer_activation const& x,
                                                                     int                       threads) const = 0;
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
