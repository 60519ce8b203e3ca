// compressed-tensors (llm-compressor): quantization_config {"quant_method": "compressed-tensors", "format",
// "config_groups", "ignore", "kv_cache_scheme"}. Of a linear layer: codes in "weight_packed" or "weight", scales in
// "weight_scale", and what the layout that its group of the configuration names has beside them. The parts must keep
// the promise of that group. Inputs are rounded as it says.
#pragma once

#include <string>
#include <string_view>

#include <qeval/io/json/json_value.hpp>
#include <qeval/scheme/method/compressed_tensors/cache_scheme.hpp>
#include <qeval/scheme/method/compressed_tensors/config_groups.hpp>
#include <qeval/scheme/method/compressed_tensors/layouts.hpp>
#include <qeval/scheme/method/compressed_tensors/sparse_24_bitmask.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval {

struct compressed_tensors_method {
    static constexpr std::string_view names[] = {"compressed-tensors"};

    static void read(json_value const& config, stored_parts& parts) {
        if (auto const rotated = config.find("transform_config"); rotated && rotated->size() > 0)
            rotated->fail("nothing", "online rotations, which are not computed here", "CF03");
        if (auto const sparse = config.find("sparsity_config"); sparse && sparse->size() > 0 && !is_dense(*sparse))
            compressed_tensors::sparse_24_bitmask::read(*sparse, parts);
        compressed_tensors::config_groups const groups(config);
        for (auto const part : {"weight_packed", "weight_scale"}) { // the latter alone where codes are "weight"
            for (auto const& module : parts.modules_with(part)) {
                auto const& group  = groups.of(module);
                auto&       matrix = compressed_tensors::layouts::read(parts, module, group);
                matrix.input       = group.inputs.of(parts, module);
            }
        }
        if (auto const cache = config.find("kv_cache_scheme"); cache && cache->size() > 0)
            parts.prescribe(compressed_tensors::read_cache_scheme(*cache, parts));
    }

private:
    // Zeros that are stored like other weights.
    static bool is_dense(json_value const& sparsity) {
        auto const format = sparsity.find("format");
        return format && format->string() == "dense";
    }
};

} // namespace qeval
