// How a matrix is to be multiplied with: what a scheme asks of the backend that places it.
#pragma once

#include <optional>

#include <qeval/format/activation.hpp>
#include <qeval/format/prescribed_input.hpp>
#include <qeval/kernel/compute.hpp>

namespace qeval {

// Which inputs are taken for outliers, once all are rounded to f16:
//   per_token  those of magnitude >= threshold: a token's result depends on nothing but the token
//   per_batch  for all tokens the depths at which any token has such an input, as bitsandbytes does: a token's result
//              depends on the tokens beside it. (There the small inputs at these depths still count for the absmax of
//              the int8 part; here they do not.)
enum class outlier_choice { per_token, per_batch };

struct multiply_how {
    compute_type                  compute    = compute_type::f32; // of operands and results; sums are f32
    any_activation const*         input      = nullptr;           // what inputs are rounded to; nullptr: nothing
    bool                          exact_sums = false; // rounded inputs are multiplied as numbers, not as their codes
    std::optional<outlier_choice> outliers{};         // inputs are split where the format has a threshold (LLM.int8)
    // A wish that changes no result: the layout that is quickest for one token at a time, instead of the file's.
    bool for_one_token = false;
    // What a checkpoint prescribes instead of `input`, with its numbers; nullptr: nothing.
    any_prescribed_input const* prescribed = nullptr;
    input_numbers               numbers{};

    // Inputs as codes, multiplied as integers.
    [[nodiscard]] constexpr bool asks_for_integers() const {
        return input != nullptr && input->integer_group && !exact_sums;
    }
};

} // namespace qeval
