// What a weight is for. Schemes choose a format by role, layer and name; nothing else of a model reaches them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>

namespace qeval {

enum class tensor_role {
    embedding,
    norm,
    attn_q,
    attn_k,
    attn_v,
    attn_qkv, // the three in one matrix
    attn_o,
    attn_latent, // the two halves of low-rank attention: down to the latent, and up to heads
    attn_kv_b,   // the half from the latent up to keys and values, in one matrix
    router,      // which experts a token goes to
    mlp_gate,
    mlp_up,
    mlp_gate_up, // both in one matrix
    mlp_down,
    head
};

// How the weights of a matrix are shared out when several machines compute one layer. By rows each machine makes some
// of the outputs; by columns it reads some of the inputs, and what the machines made is added up.
enum class tensor_split { none, rows, columns };

// One weight of one model.
struct tensor_slot {
    tensor_role role   = tensor_role::norm;
    index       layer  = -1;  // -1: outside the layers
    index       layers = 0;   // of the whole model: mixes give the first and last layers more bits
    std::string name;         // "model.layers.0.self_attn.q_proj.weight"
    bool        tied = false; // an embedding that is the head, too: stored once

    tensor_split split = tensor_split::none;
    index        rows = 0, cols = 0; // of a matrix
    index        member     = -1; // which of the matrices that a GGUF has in one tensor: the expert of a mixture, the
    index        members    = 0;  // absorbed head; -1: it is none of them. And of how many
    bool         transposed = false; // numbers are stored [cols, rows]
    std::string  bias       = {}; // the tensor of all members' biases, [members, rows]; empty: "x.weight" has "x.bias"
};

// A norm and the linear layers that read its output.
struct norm_link {
    std::string              norm;
    std::vector<std::string> linears;
};

} // namespace qeval
