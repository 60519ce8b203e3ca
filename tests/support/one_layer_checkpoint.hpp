// A checkpoint of one layer, small enough to be written out: its config, its tensors, and the directory of both.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <qeval/io/checkpoint/checkpoint.hpp>

#include "tests/io/hostile.hpp"

namespace qeval_test {

inline std::string config(int hidden = 4, char const* more = "") {
    return "{\"model_type\":\"llama\",\"hidden_act\":\"silu\",\"hidden_size\":" + std::to_string(hidden) +
           ",\"intermediate_size\":6,\"num_hidden_layers\":1,\"num_attention_heads\":2,\"vocab_size\":3,"
           "\"max_position_embeddings\":8,\"tie_word_embeddings\":true" +
           more + "}";
}
// The tensors of that config, some left out or added; a decoder saved without its head has no prefix.
inline std::string weights(std::string const& without = "?", std::string const& extra_name = {},
                           std::string const& prefix = "model.") {
    std::string   header;
    std::uint64_t end = 0;
    auto const    add = [&](std::string const& name, std::vector<int> const& shape) {
        if (name == without) return;
        std::uint64_t bytes = 2;
        std::string   text;
        for (int const d : shape) {
            bytes *= std::uint64_t(d);
            text += (text.empty() ? "[" : ",") + std::to_string(d);
        }
        header +=
            (header.empty() ? "{" : ",") +
            tensor_entry(name, "F16", text + "]", "[" + std::to_string(end) + "," + std::to_string(end + bytes) + "]");
        end += bytes;
    };
    std::string const l = prefix + "layers.0.";
    add(prefix + "embed_tokens.weight", {3, 4});
    add(prefix + "norm.weight", {4});
    add(l + "input_layernorm.weight", {4});
    add(l + "post_attention_layernorm.weight", {4});
    for (char const* n : {"q", "k", "v", "o"}) add(l + "self_attn." + n + "_proj.weight", {4, 4});
    add(l + "mlp.gate_proj.weight", {6, 4});
    add(l + "mlp.up_proj.weight", {6, 4});
    add(l + "mlp.down_proj.weight", {4, 6});
    if (!extra_name.empty()) add(extra_name, {4});
    return safetensors_bytes(header + "}", std::string(end, '\1'));
}
inline qeval::checkpoint open(scratch const& dir, std::string const& config_text, std::string const& weight_bytes) {
    put_file(dir / "config.json", config_text);
    put_file(dir / "model.safetensors", weight_bytes);
    return qeval::open_checkpoint(dir.path(), {});
}

} // namespace qeval_test
