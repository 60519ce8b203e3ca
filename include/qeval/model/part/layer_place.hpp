// Where the weights of one layer stand in a checkpoint.
#pragma once

#include <string>

#include <qeval/model/role.hpp>

namespace qeval {

// The beginning of the names of a layer's tensors, "model.layers.3.", and which layer of how many it is.
struct layer_place {
    std::string base;
    index       layer  = 0;
    index       layers = 0;

    // The slot of its matrix `name`, [rows, cols]: the tensor is called base + name + ".weight".
    [[nodiscard]] tensor_slot matrix(tensor_role role, std::string const& name, tensor_split split, index rows,
                                     index cols) const {
        return {role, layer, layers, base + name + ".weight", false, split, rows, cols};
    }
};

// The place that Hugging Face's decoders share: "model.layers.<layer>.".
[[nodiscard]] inline layer_place hf_layer(index layer, index layers) {
    return {"model.layers." + std::to_string(layer) + ".", layer, layers};
}

} // namespace qeval
