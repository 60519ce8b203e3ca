// OCP's formats, of a linear layer [out, in]: w = 2^(e - 127) * q, an exponent for 32 weights.
//   mxfp4-pack-quantized  weight_packed U8 [out, in / 2], neighbours together, the first one low
//   mxfp8-quantized       weight F8_E4M3 [out, in]
// and weight_scale U8 [out, in / 32], the exponents e. Blocks of MXFP4 and MXFP8 have them before their codes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/scheme/method/compressed_tensors/config_groups.hpp>
#include <qeval/scheme/method/mx_blocks.hpp>
#include <qeval/scheme/method/stored_parts.hpp>
#include <qeval/scheme/stored_matrix.hpp>

namespace qeval::compressed_tensors {

inline constexpr index mx_block = 32;

// Exponents of codes that a module has; the configuration must promise so many bits.
[[nodiscard]] inline tensor_view mx_exponents(stored_parts& parts, std::string const& module, tensor_view const& codes,
                                              index cols, int bits, config_group const& said) {
    stored_parts::refuse_empty(codes);
    auto const  exponents = parts.take_named(module + ".weight_scale", {"U8", "F16", "BF16", "F32"});
    auto const& rule      = said.weights;
    if (!rule.floats || rule.bits != bits || rule.width != mx_block || rule.height != 1 || exponents.type != "U8" ||
        cols % mx_block != 0 || exponents.shape != std::vector<index>{codes.shape[0], cols / mx_block})
        said.refuse(codes, exponents);
    return exponents;
}

struct mxfp4_pack_quantized {
    static constexpr std::string_view names[] = {"mxfp4-pack-quantized"};

    static tensor_view& read(stored_parts& parts, std::string const& module, config_group const& said) {
        auto const  codes = parts.take(module, "weight_packed", {"U8"}, {-1, -1});
        index const cols  = codes.shape[1] * 2;
        auto const  from  = mx_exponents(parts, module, codes, cols, 4, said);
        auto&       pool  = parts.pool();
        return parts.put(module, codes, "MXFP4", codes.shape[0], cols,
                         [codes, from, &pool] { return made_of(mxfp4_blocks(codes.bytes, from, pool)); });
    }
};

struct mxfp8_quantized {
    static constexpr std::string_view names[] = {"mxfp8-quantized"};

    static tensor_view& read(stored_parts& parts, std::string const& module, config_group const& said) {
        auto const codes = parts.take(module, "weight", {"F8_E4M3"}, {-1, -1});
        auto const from  = mx_exponents(parts, module, codes, codes.shape[1], 8, said);
        auto&      pool  = parts.pool();
        return parts.put(module, codes, "MXFP8_E4M3", codes.shape[0], codes.shape[1], [codes, from, &pool] {
            auto const laid = laid_bytes(codes);
            return made_of(mx_blocks(from, mx_block, pool, [&](index b, std::byte* to) {
                std::copy_n(laid.bytes.data() + b * mx_block, mx_block, to);
            }));
        });
    }
};

} // namespace qeval::compressed_tensors
