// W8A8 and W8A8S: weight I8 [out, in], input_scale, input_offset [1], deq_scale [out], quant_bias I32 [out]. Inputs are
// rounded to x_q = x / input_scale + input_offset, y = (sum x_q q + quant_bias) * deq_scale. deq_scale is input_scale
// times the scale of the weights; where torch_dtype is not bfloat16 its bits are stored in I64. quant_bias is bias /
// deq_scale - input_offset * sum q, rounded; the bias stands beside it.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/half.hpp>
#include <qeval/core/shape_text.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/input_rule.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/ascend/offsets.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval::ascend {

// The scales and offsets of one linear with inputs that are rounded to stored ones.
struct fixed_parts {
    tensor_view                codes, deq_scale, quant_bias;
    std::optional<tensor_view> bias;
    float                      input_scale  = 1;
    int                        input_offset = 0;

    [[nodiscard]] float deq(index r) const {
        if (deq_scale.type == "F32") return good_scale(deq_scale, r);
        auto const bits = stored_number<std::int64_t>(deq_scale.bytes, r);
        if (auto const f = bit_cast<float>(static_cast<std::uint32_t>(bits));
            static_cast<std::uint64_t>(bits) <= 0xffffffffu && std::isfinite(f) && f != 0)
            return f;
        throw file_error{{"ST32", deq_scale.place() + "[" + std::to_string(r) + "]", std::to_string(bits),
                          "the bits of a float that is finite and not zero", "a damaged checkpoint"}};
    }
    // What is stored twice must be the same: rounded once, and float sums of more than 24 bits before that.
    void check_bias(index r, std::span<std::byte const> row) const {
        std::int64_t sum = 0;
        for (auto const q : row) sum += std::to_integer<int>(q) - (std::to_integer<int>(q) >= 128 ? 256 : 0);
        double const moved = static_cast<double>(sum) * input_offset, whole = moved + quant(r);
        double const b = bias ? static_cast<double>(scale_number(*bias, r)) / static_cast<double>(deq(r)) : 0;
        if (std::fabs(whole - b) <= 1 + (std::fabs(moved) + std::fabs(b)) * 0x1p-22) return;
        throw file_error{{"CF03", quant_bias.place() + "[" + std::to_string(r) + "]",
                          std::to_string(static_cast<std::int64_t>(quant(r))),
                          std::to_string(std::llround(b - moved)) + ", by the codes, the input's offset and " +
                              (bias ? "the bias" : "no bias beside it"),
                          "parts of two checkpoints"}};
    }
    [[nodiscard]] double quant(index r) const { return stored_number<std::int32_t>(quant_bias.bytes, r); }
};
// It stays in the checkpoint, where the model finds it.
inline tensor_view checked_bias(tensor_view const& bias, index rows) {
    bool const floats = bias.type == "F32" || bias.type == "BF16" || bias.type == "F16";
    if (floats && bias.shape == std::vector<index>{rows}) return bias;
    throw file_error{{"CF02", bias.place(), "type " + bias.type + ", shape " + shape_text(bias.shape),
                      "floats, [" + std::to_string(rows) + "]", "parts of two checkpoints"}};
}
// Its runtimes read deq_scale by the type of the model, whatever the file has.
inline void refuse_other_dtype(tensor_view const& deq_scale, json_value const& model) {
    auto const said = model.has("torch_dtype") ? model.find("torch_dtype") : model.find("dtype");
    if (!said || (said->string() == "bfloat16") == (deq_scale.type == "F32")) return;
    said->fail(deq_scale.type == "F32" ? "\"bfloat16\", for which " + deq_scale.place() + " is stored in F32"
                                       : "\"float16\", for which " + deq_scale.place() + " is stored in I64",
               "weights that were quantized for another type", "CF03");
}
inline void read_fixed(stored_parts& parts, std::string const& module, json_value const& model) {
    fixed_parts p{take_codes(parts, module), {}, {}, {}};
    index const rows = p.codes.shape[0], cols = p.codes.shape[1];
    p.deq_scale       = parts.take(module, "deq_scale", {"I64", "F32"}, {rows});
    p.quant_bias      = parts.take(module, "quant_bias", {"I32"}, {rows});
    auto const scale  = parts.take(module, "input_scale", {"F32", "BF16", "F16"}, {1});
    auto const offset = parts.take(module, "input_offset", {"F32", "BF16", "F16"}, {1});
    p.input_scale = good_scale(scale, 0), p.input_offset = good_offset(offset, 0);
    if (auto const* bias = parts.find(module, "bias")) p.bias = checked_bias(*bias, rows);
    refuse_other_dtype(p.deq_scale, model);
    // Earlier versions store the weights' own scales, too.
    (void)parts.take_if(module, "weight_scale", {"F32", "BF16", "F16"}, {rows, 1});
    (void)parts.take_if(module, "weight_offset", {"F32", "BF16", "F16"}, {rows, 1});
    auto& matrix = parts.put(module, p.codes, "int8:sym", rows, cols, [p, rows, cols] {
        std::vector<float> scales(static_cast<std::size_t>(rows));
        for (index r = 0; r < rows; ++r) {
            p.check_bias(r, p.codes.bytes.subspan(static_cast<std::size_t>(r * cols), static_cast<std::size_t>(cols)));
            scales[static_cast<std::size_t>(r)] = p.deq(r) / p.input_scale;
        }
        return made_of({p.codes.bytes, std::as_bytes(std::span(scales))});
    });
    matrix.input = std::make_shared<input_rule const>(
        input_rule{"int8:stored", {p.input_scale, static_cast<float>(p.input_offset), 0}});
}

} // namespace qeval::ascend
