// Rows that are normalised where a kernel packs or quantizes them.
#pragma once

#include <cmath>
#include <span>

#include <qeval/core/macros.hpp>
#include <qeval/core/view.hpp>
#include <qeval/model/cpu/math.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

// The normalised rows of x, row by row: LayerNorm where there is a bias or it says so, else RMSNorm
// (model/part/norm.hpp has the formulas).
struct normed_rows {
    matrix_view<float const> x;
    std::span<float const>   weight;
    float                    epsilon;
    std::span<float const>   bias  = {};
    bool                     layer = false; // LayerNorm without a bias

    void operator()(index r, std::span<float> out) const {
        bias.empty() && !layer ? rms_norm(r, out) : layer_norm(r, out);
    }
    static void make(void const* self, index r, std::span<float> out) {
        (*static_cast<normed_rows const*>(self))(r, out);
    }

private:
    void rms_norm(index r, std::span<float> out) const {
        auto const         n    = index(out.size());
        float const* const in   = x.row(r).data();
        float const        unit = 1.0f / std::sqrt(sum_of_squares(in, n) / float(n) + epsilon);
        map_values(
            out.data(), n, [unit](f32x16 const& e, f32x16 const& g) { return (e * f32x16::all(unit)) * g; }, in,
            weight.data());
    }
    void layer_norm(index r, std::span<float> out) const {
        auto const   n    = index(out.size());
        float const  mean = sum_of(x.row(r).data(), n) / float(n);
        float* const to   = out.data();
        map_values(
            to, n, [mean](f32x16 const& e) { return e - f32x16::all(mean); }, x.row(r).data());
        float const unit = 1.0f / std::sqrt(sum_of_squares(to, n) / float(n) + epsilon);
        if (bias.empty()) {
            return map_values(
                to, n, [unit](f32x16 const& e, f32x16 const& g) { return (e * f32x16::all(unit)) * g; },
                static_cast<float const*>(to), weight.data());
        }
        map_values(
            to, n,
            [unit](f32x16 const& e, f32x16 const& g, f32x16 const& b) {
                return multiply_add(e * f32x16::all(unit), g, b);
            },
            static_cast<float const*>(to), weight.data(), bias.data());
    }
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
