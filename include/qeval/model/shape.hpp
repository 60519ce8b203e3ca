// Sizes that policies hand to a backend.
#pragma once

#include <qeval/core/view.hpp>

namespace qeval {

// Which two elements of a head one rotation turns: a fact about how the rows of q and k lie in a file.
enum class rope_order {
    half_split,    // (i, i + head_size / 2): Hugging Face, and most architectures in GGUF
    adjacent_pairs // (2 i, 2 i + 1): Meta's checkpoints, GGUF's llama
};

// The pair i of a head at position p turns by p / factor * theta^(-2 i / head_size).
struct rotary {
    rope_order order  = rope_order::half_split;
    double     theta  = 10000;
    double     factor = 1; // linear scaling
};

struct attention_shape {
    index heads     = 0;
    index kv_heads  = 0; // divides heads: query head h reads key head h / (heads / kv_heads)
    index head_size = 0;
    index window    = 0; // position p sees (p - window, p]; 0: [0, p]
};

// Functions of one number in a feed-forward block.
enum class activation_fn {
    silu,     // x / (1 + e^-x)
    gelu_tanh // x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): transformers' gelu_pytorch_tanh and gelu_new
};

struct cache_shape {
    index layers     = 0;
    index kv_heads   = 0;
    index head_size  = 0;
    index max_tokens = 0;
};

} // namespace qeval
