// FP8 in blocks, as DeepSeek-V3 is published: quantization_config {"quant_method": "fp8", "activation_scheme":
// "dynamic", "weight_block_size": [R, C]}. Of a linear layer [out, in]: weight F8_E4M3 [out, in], and weight_scale_inv
// F32 [out / R, in / C], rounded up: w = code * weight_scale_inv. Inputs are rounded to fp8, too, C values of a token
// under one scale.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/input_rule.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct fp8_method {
    static constexpr std::string_view names[] = {"fp8"};

    static void read(json_value const& config, stored_parts& parts) {
        if (auto const how = config.at("activation_scheme"); how.string() != "dynamic")
            how.fail("\"dynamic\"", "inputs with a stored scale, which are not computed here", "CF03");
        if (auto const fmt = config.find("fmt"); fmt && fmt->string() != "e4m3") fmt->fail("\"e4m3\"", "", "CF03");
        auto const  block  = config.at("weight_block_size");
        index const height = block[0].integer(1, 65536), width = block[1].integer(1, 65536);
        if (width != 128)
            block[1].fail("128", "inputs under scales of another number of values, which are not computed here",
                          "CF03");
        for (auto const& module : parts.modules_with("weight_scale_inv")) read_module(parts, module, height, width);
    }

private:
    static void read_module(stored_parts& parts, std::string const& module, index height, index width) {
        auto const  codes = parts.take(module, "weight", {"F8_E4M3"}, {-1, -1});
        index const rows = codes.shape[0], cols = codes.shape[1];
        stored_parts::refuse_empty(codes);
        auto const scales = parts.take(module, "weight_scale_inv", {"F32", "BF16"},
                                       {(rows + height - 1) / height, (cols + width - 1) / width});
        auto const format = "fp8_e4m3:" + std::to_string(height) + "x" + std::to_string(width);
        auto&      matrix = parts.put(module, codes, format, rows, cols, [codes, scales] {
            auto const numbers = good_scales(scales);
            return made_of({codes.bytes, std::as_bytes(std::span(numbers))});
        });
        matrix.input      = std::make_shared<input_rule const>(input_rule{"fp8:128"});
    }
};

} // namespace qeval
