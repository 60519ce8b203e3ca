// "kv_cache_scheme" of compressed-tensors' configuration: keys and values are kept in 8 bits under
// model.layers.N.self_attn.k_scale and v_scale, F16, BF16 or F32 [1].
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/model/scaled_kv.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval::compressed_tensors {

// Takes the scales out of the checkpoint. They are those of layers 0, 1, ...: one that is missing is refused (CF02).
[[nodiscard]] inline std::shared_ptr<kv_format const> read_cache_scheme(json_value const& said, stored_parts& parts) {
    auto const bits = said.at("num_bits"), type = said.at("type"), strategy = said.at("strategy"),
               dynamic = said.at("dynamic"), symmetric = said.at("symmetric");
    if (bits.integer(1, 64) != 8) bits.fail("8", "", "CF03");
    if (strategy.string() != "tensor") strategy.fail("\"tensor\", a scale for the keys of a layer", "", "CF03");
    if (!dynamic.is_boolean() || dynamic.boolean())
        dynamic.fail("false", "scales that are found when a key comes, which is not computed here", "CF03");
    if (!symmetric.boolean()) symmetric.fail("true", "", "CF03");

    constexpr std::string_view end = ".self_attn.k_scale";
    auto const                 all = parts.names_ending(end);
    if (all.empty()) said.refuse("no " + std::string(end) + " in the checkpoint", "one for each layer", "", "CF02");
    std::string const      first = all.front(), before = first.substr(0, first.find_last_of('.') + 1);
    std::vector<kv_scales> scales;
    for (std::size_t layer = 0; layer < all.size(); ++layer) {
        std::string const of     = before + std::to_string(layer) + ".self_attn";
        auto const        number = [&](std::string_view part) {
            return good_scale(parts.take(of, part, {"F16", "BF16", "F32"}, {1}), 0);
        };
        float const keys = number("k_scale");
        scales.push_back({keys, number("v_scale")});
    }
    if (type.string() == "float") return std::make_shared<scaled_kv_layers<fp8_units> const>(scales);
    if (type.string() == "int") return std::make_shared<scaled_kv_layers<int8_units> const>(scales);
    type.fail("\"float\" or \"int\"", "", "CF03");
}

} // namespace qeval::compressed_tensors
