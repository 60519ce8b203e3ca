// "int-quantized", "float-quantized" and "naive-quantized", of a linear layer [out, in]: a code a byte.
//   weight             I8 or F8_E4M3 [out, in]; integers of fewer bits are stored in bytes, too
//   weight_scale       [out, groups], [out, 1] for a channel, [1] for the tensor, [out / R, in / C] for blocks
//   weight_zero_point  I8, as many as there are scales, where not symmetric
// w = scale * (q - z).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/compressed_tensors/config_groups.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>
#include <qeval/scheme/stored_matrix.hpp>

namespace qeval::compressed_tensors {

struct naive_quantized {
    static constexpr std::string_view names[] = {"int-quantized", "float-quantized", "naive-quantized"};

    static tensor_view& read(stored_parts& parts, std::string const& module, config_group const& said) {
        auto const codes  = parts.take(module, "weight", {"I8", "F8_E4M3"}, {-1, -1});
        auto const scales = parts.take_named(module + ".weight_scale", {"F16", "BF16", "F32", "U8"});
        stored_parts::refuse_empty(codes);
        bool const  floats = codes.type == "F8_E4M3";
        index const rows = codes.shape[0], cols = codes.shape[1];
        auto const  zeros = floats ? std::nullopt : parts.take_if(module, "weight_zero_point", {"I8"}, scales.shape);
        auto const& rule  = said.weights;
        if (rule.floats != floats || (floats && rule.bits != 8) || rule.symmetric == zeros.has_value() ||
            scales.type == "U8" || !rule.has_scales(scales.shape, rows, cols))
            said.refuse(codes, scales);
        std::string const kind   = floats ? "" : zeros ? ":asym" : ":sym";
        std::string const format = (floats ? "fp8_e4m3" : "int8") + rule.sizes() + kind;
        return parts.put(module, codes, format, rows, cols, [=] {
            auto const numbers = good_scales(scales);
            auto const laid    = laid_bytes(codes);
            if (!zeros) return made_of({laid.bytes, std::as_bytes(std::span(numbers))});
            auto const from_zero = [](std::span<std::byte const> bytes) { // as int8:asym counts
                std::vector<std::byte> all(bytes.begin(), bytes.end());
                for (auto& b : all) b ^= std::byte{0x80};
                return all;
            };
            auto const q = from_zero(laid.bytes), z = from_zero(zeros->bytes);
            return made_of({std::span(q), std::as_bytes(std::span(numbers)), std::span(z)});
        });
    }
};

} // namespace qeval::compressed_tensors
