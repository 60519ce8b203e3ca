// MXFP4 as gpt-oss is published: quantization_config {"quant_method": "mxfp4", ...}. Of the experts of a layer, X =
// "...mlp.experts.gate_up_proj" or "...down_proj":
//   X_blocks  U8 [experts, out, in / 32, 16]   two e2m1 codes a byte, neighbours together, the first one low
//   X_scales  U8 [experts, out, in / 32]       exponents: 2^(e - 127)
// They become matrices in MXFP4, whose blocks have the exponent first and the halves of a block in a byte. Origin:
// transformers' convert_moe_packed_tensors.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <qeval/core/view.hpp>
#include <qeval/io/checkpoint/tensor_names.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/mx_blocks.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct mxfp4_method {
    static constexpr std::string_view names[] = {"mxfp4"};

    static void read(json_value const&, stored_parts& parts) {
        for (auto const& stack : parts.names_ending("_blocks")) read_experts(parts, stack);
    }

private:
    static constexpr index block = 32, half = block / 2; // weights; bytes

    static void read_experts(stored_parts& parts, std::string const& stack) {
        auto const blocks = parts.take_named(stack + "_blocks", {"U8"}, {-1, -1, -1, half});
        stored_parts::refuse_empty(blocks);
        index const experts = blocks.shape[0], rows = blocks.shape[1], groups = blocks.shape[2];
        // A tensor of three dimensions is split into its matrices where they are large enough.
        bool const split = parts.find(stack + "_scales") == nullptr;
        auto const whole = split ? tensor_view{} : parts.take_named(stack + "_scales", {"U8"}, {experts, rows, groups});
        auto const size  = static_cast<std::size_t>(rows * groups);
        for (index e = 0; e < experts; ++e) {
            auto codes  = blocks;
            codes.bytes = blocks.bytes.subspan(static_cast<std::size_t>(e) * size * half, size * half);
            auto scales = split ? parts.take_named(expert_name(stack + "_scales", e), {"U8"}, {rows, groups}) : whole;
            if (!split) scales.bytes = whole.bytes.subspan(static_cast<std::size_t>(e) * size, size);
            auto& pool = parts.pool();
            parts.put(stack + "." + std::to_string(e), blocks, "MXFP4", rows, groups * block,
                      [=, &pool] { return made_of(mxfp4_blocks(codes.bytes, scales, pool)); });
        }
    }
};

} // namespace qeval
