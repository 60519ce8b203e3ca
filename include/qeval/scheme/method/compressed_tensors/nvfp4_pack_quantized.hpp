// "nvfp4-pack-quantized", of a linear layer [out, in]: w = q * (s / global), q in e2m1, a scale for 16 weights of a
// row.
//   weight_packed        U8 [out, in / 2], neighbours together, the first one low
//   weight_scale         F8_E4M3 [out, in / 16], s
//   weight_global_scale  F32 [1], what the scales are divided by
// No format has such scales of scales. The matrix is put into fp8 with the quotients in 32 bits, which holds every code
// in a byte and every value exactly.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/minifloat.hpp>
#include <qeval/core/thread_pool.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/tensor/tensor.hpp>
#include <qeval/pack/packed_matrix.hpp>
#include <qeval/scheme/method/compressed_tensors/config_groups.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval::compressed_tensors {

struct nvfp4_pack_quantized {
    static constexpr std::string_view names[] = {"nvfp4-pack-quantized"};

    static tensor_view& read(stored_parts& parts, std::string const& module, config_group const& said) {
        auto const  codes = parts.take(module, "weight_packed", {"U8"}, {-1, -1});
        index const rows = codes.shape[0], cols = codes.shape[1] * 2;
        stored_parts::refuse_empty(codes);
        auto const  scales = parts.take_named(module + ".weight_scale", {"F8_E4M3", "U8", "F16", "BF16", "F32"});
        auto const& rule   = said.weights;
        if (!rule.floats || rule.bits != 4 || rule.width != group || rule.height != 1 || scales.type != "F8_E4M3" ||
            cols % group != 0 || scales.shape != std::vector<index>{rows, cols / group})
            said.refuse(codes, scales);
        auto const global = parts.take(module, "weight_global_scale", {"F32"}, {1});
        auto&      pool   = parts.pool();
        return parts.put(module, codes, "fp8_e4m3:g16", rows, cols,
                         [=, &pool] { return made_of(planes(codes, scales, good_scale(global, 0), pool)); });
    }

private:
    static constexpr index group = 16;

    // A byte a code, then the quotients.
    static std::shared_ptr<aligned_bytes> planes(tensor_view const& codes, tensor_view const& scales, float global,
                                                 thread_pool& pool) {
        auto const  groups = scales.count();
        auto const  made = std::make_shared<aligned_bytes>(static_cast<std::size_t>(groups) * (group + sizeof(float)));
        auto* const to   = made->data();
        pool.for_chunks(groups, 4096, [&](index first, index last) {
            for (index g = first; g < last; ++g) {
                auto const  code = std::to_integer<std::uint8_t>(scales.bytes[static_cast<std::size_t>(g)]);
                float const s    = e4m3::value(code) / global;
                if (!std::isfinite(s) || s == 0) {
                    throw file_error{{"ST32", scales.place() + "[" + std::to_string(g) + "]", std::to_string(s),
                                      "a scale over weight_global_scale: a finite number, not zero",
                                      "a damaged checkpoint, or a layer that its quantizer could not quantize"}};
                }
                std::memcpy(to + groups * group + g * index(sizeof s), &s, sizeof s);
                for (index i = g * group; i < (g + 1) * group; ++i) {
                    auto const two = std::to_integer<unsigned>(codes.bytes[static_cast<std::size_t>(i / 2)]);
                    to[i]          = std::byte{in_fp8[two >> 4 * (i % 2) & 15]};
                }
            }
        });
        return made;
    }
    // The code in e4m3 of each in e2m1.
    static constexpr std::array<std::uint8_t, 16> in_fp8 = [] {
        std::array<std::uint8_t, 16> all{};
        for (unsigned c = 0; c < 16; ++c) all[c] = e4m3::from(e2m1::value(c)).code;
        return all;
    }();
};

} // namespace qeval::compressed_tensors
