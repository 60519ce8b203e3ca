// Where the weights of one layer stand in a checkpoint, and what the tensors outside of the layers are called.
#pragma once

#include <string>
#include <string_view>

#include <qeval/model/role.hpp>

namespace qeval {

// The beginning of the names of a layer's tensors, "model.layers.3.", and which layer of how many it is.
struct layer_place {
    std::string base;
    index       layer      = 0;
    index       layers     = 0;
    index       member     = -1; // see tensor_slot
    index       members    = 0;
    bool        transposed = false; // the file has its matrices as [cols, rows]

    // The slot of its matrix `name`, [rows, cols]: the tensor is called base + name + ".weight".
    [[nodiscard]] tensor_slot matrix(tensor_role role, std::string const& name, tensor_split split, index rows,
                                     index cols) const {
        return {role, layer, layers, base + name + ".weight", false, split, rows, cols, member, members, transposed};
    }
    // The place of one expert of this layer, or of one absorbed head.
    [[nodiscard]] layer_place of_member(index i, index of) const { return {base, layer, layers, i, of, transposed}; }
};

// Hugging Face's names of a decoder's tensors, without ".weight". Most are named as Llama's are.
struct decoder_naming {
    std::string_view layers         = "model.layers.";
    std::string_view embedding      = "model.embed_tokens";
    std::string_view norm           = "model.norm";
    std::string_view head           = "lm_head";
    std::string_view positions      = {};                         // a table of positions that is added to the embedding
    std::string_view attention_norm = "input_layernorm";          // in a layer, before attention
    std::string_view mlp_norm       = "post_attention_layernorm"; // before the feed-forward block
    std::string_view attention_post = {};                         // after attention, before it is added
    std::string_view mlp_post       = {};                         // after the feed-forward block, likewise

    [[nodiscard]] layer_place place(index layer, index of) const {
        return {std::string(layers) + std::to_string(layer) + ".", layer, of};
    }
};

// The place that Hugging Face's decoders share: "model.layers.<layer>.".
[[nodiscard]] inline layer_place hf_layer(index layer, index layers) { return decoder_naming{}.place(layer, layers); }

} // namespace qeval
