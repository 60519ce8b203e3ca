// LLM.int8 (bitsandbytes): w = absmax / 127 * q, q = -127 .. 127, one absmax for each output channel.
//   plane codes    int8 ("CB")
//   plane absmax   f32 a row ("SCB")                  8 + 32 / columns bits
// Inputs are int8, too, but for those of magnitude 6 and more: these meet the weights in 16 bits
// (kernel/outlier_linear.hpp).
#pragma once

#include <qeval/format/format.hpp>
#include <qeval/format/policy/integer_fit.hpp>

namespace qeval {

// Stored is the absmax, not the step.
struct absmax_over_127 : scale<f32> {
    static constexpr float          step = 1.0f / 127;
    QEVAL_HD static constexpr float rounded(float absmax) { return absmax * step; }

    struct view : scale<f32>::view {
        QEVAL_HD constexpr float operator[](index g) const { return scale<f32>::view::operator[](g) * step; }
    };
    static view bind(std::byte const* const* plane) { return {scale<f32>::bind(plane)}; }
};

struct llm_int8 : format<"int8", whole_rows, twos_complement<8>, packing::bytes, absmax_over_127, no_offset,
                         fit::f16_absmax_over_127> {
    static constexpr float outlier_threshold = 6;
};

} // namespace qeval
