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
    explicit rope_table(rotary const& rope) : rope_(rope), pairs_(rope.pairs()) {}

    [[nodiscard]] bool serves(rotary const& r) const { return r == rope_; }

    // Makes positions [0, n) available. Not for two threads at once. Frequencies and angles are floats, each operation
    // rounded, as in transformers and in what models were trained with: at position 1000 exact angles are another model
    // (5e-4 in a log-probability).
    void grow(index n) {
        for (index p = index(cosines_.size()) / std::max<index>(1, pairs_); p < n; ++p) {
            for (float const frequency : rope_.frequencies) {
                double const angle = double(float(p) * frequency);
                cosines_.push_back(float(std::cos(angle)) * rope_.magnitude);
                sines_.push_back(float(std::sin(angle)) * rope_.magnitude);
            }
        }
    }
    // Turns the first 2 * pairs elements of one head in place: (a, b) -> (a cos - b sin, b cos + a sin).
    void rotate(float* x, index position) const {
        bool const         near   = rope_.order == rope_order::adjacent_pairs;
        float const* const c      = cosines_.data() + position * pairs_;
        float const* const s      = sines_.data() + position * pairs_;
        index const        first  = near ? 2 : 1; // step from pair to pair
        index const        second = near ? 1 : pairs_;
        for (index i = 0; i < pairs_; ++i) {
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
    index              pairs_;
    std::vector<float> cosines_, sines_; // [positions, pairs]
};

} // namespace QEVAL_ISA
} // namespace qeval::cpu
