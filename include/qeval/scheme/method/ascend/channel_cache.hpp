// "kv_cache_type": "C8": keys and values in int8, under k_proj.kv_cache_scale and kv_cache_offset [channels], and
// v_proj's: (q - offset) * scale.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/json/json_value.hpp>
#include <qeval/model/channel_kv.hpp>
#include <qeval/scheme/method/ascend/offsets.hpp>
#include <qeval/scheme/method/scale_numbers.hpp>
#include <qeval/scheme/method/stored_parts.hpp>

namespace qeval::ascend {

// C8: each channel of the keys of a layer, and of its values, has a scale and an offset.
inline std::shared_ptr<kv_format const> read_cache(json_value const& said, json_value const& model,
                                                   stored_parts& parts) {
    constexpr std::string_view end = ".k_proj.kv_cache_scale";
    auto const                 all = parts.names_ending(end);
    if (all.empty()) said.refuse("no " + std::string(end) + " in the checkpoint", "one for each layer", "", "CF02");
    index const heads =
        model.at(model.has("num_key_value_heads") ? "num_key_value_heads" : "num_attention_heads").integer(1, 1 << 20);
    auto const                            before = all.front().substr(0, all.front().find("layers.")) + "layers.";
    std::vector<channel_kv_layers::layer> layers;
    for (std::size_t l = 0; l < all.size(); ++l) {
        std::string const of      = before + std::to_string(l) + ".self_attn.";
        auto const        numbers = [&](std::string const& module) {
            auto const  scales = parts.take(of + module, "kv_cache_scale", {"F32", "BF16", "F16"}, {-1});
            auto const  zeros = parts.take(of + module, "kv_cache_offset", {"F32", "BF16", "F16"}, scales.shape);
            index const count = scales.count();
            if (count < 1 || count % heads != 0) {
                throw file_error{{"CF02", scales.place(), std::to_string(count) + " channels",
                                  "as many for each of " + std::to_string(heads) + " heads", ""}};
            }
            channel_numbers n{good_scales(scales), {}};
            for (index i = 0; i < count; ++i) n.zeros.push_back(static_cast<float>(good_offset(zeros, i)));
            return channel_kv_layers::by_heads(n, heads);
        };
        auto keys = numbers("k_proj");
        layers.push_back({std::move(keys), numbers("v_proj")});
    }
    return std::make_shared<channel_kv_layers const>(std::move(layers));
}

} // namespace qeval::ascend
