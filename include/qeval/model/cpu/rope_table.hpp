// Cosines and sines of rotary positions, kept for all layers and passes.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <qeval/core/macros.hpp>
#include <qeval/model/cpu/math.hpp>
#include <qeval/model/shape.hpp>

namespace qeval::cpu {
inline namespace QEVAL_ISA {

class rope_table {
public:
    rope_table(rotary const& rope, index head_size) : rope_(rope), half_(head_size / 2) {}

    [[nodiscard]] bool serves(rotary const& r, index head_size) const {
        return r.theta == rope_.theta && r.factor == rope_.factor && head_size / 2 == half_;
    }
    // Makes positions [0, n) available. Not for two threads at once. Frequencies and angles are floats, each operation
    // rounded, as in transformers and in what models were trained with: at position 1000 exact angles are another model
    // (5e-4 in a log-probability).
    void grow(index n) {
        for (index p = index(cosines_.size()) / std::max<index>(1, half_); p < n; ++p) {
            for (index i = 0; i < half_; ++i) {
                float const  power     = float(std::pow(rope_.theta, double(float(i) / float(half_))));
                float const  frequency = 1.0f / power / float(rope_.factor);
                double const angle     = double(float(p) * frequency);
                cosines_.push_back(float(std::cos(angle)));
                sines_.push_back(float(std::sin(angle)));
            }
        }
    }
    // Turns one head, [head_size], in place: (a, b) -> (a cos - b sin, b cos + a sin).
    void rotate(float* x, index position, rope_order order) const {
        float const* const c      = cosines_.data() + position * half_;
        float const* const s      = sines_.data() + position * half_;
        index const        first  = order == rope_order::half_split ? 1 : 2; // step from pair to pair
        index const        second = order == rope_order::half_split ? half_ : 1;
        for (index i = 0; i < half_; ++i) {
            float& a = x[i * first];
            float& b = x[i * first + second];
            turn(a, b, c[i], s[i]);
        }
    }

private:
    static QEVAL_INLINE void turn(float& a, float& b, float c, float s) {
        float const as = a * s, bs = b * s; // each rounded, then one fused step: nothing is left to contract
        float const ra = multiply_add(a, c, -bs);
        b              = multiply_add(b, c, as);
        a              = ra;
    }
    rotary             rope_;
    index              half_;
    std::vector<float> cosines_, sines_; // [positions, half]
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
