// Sizes and rules that architectures hand to a backend.
#pragma once

#include <string>
#include <vector>

#include <qeval/core/view.hpp>

namespace qeval {

// Which two elements of a head one rotation turns: a fact about how the rows of q and k lie in a file.
enum class rope_order {
    half_split,    // (i, i + pairs): Hugging Face, and most architectures in GGUF
    adjacent_pairs // (2 i, 2 i + 1): Meta's checkpoints, GGUF's llama
};

// What a file calls the rule that made the frequencies of a rotation; nothing is computed with it.
struct rotary_words {
    std::string rule   = "default";
    double      base   = 0;
    double      factor = 1;

    bool operator==(rotary_words const&) const = default;
};

// The pair i of a head at position p turns by the angle p * frequencies[i], and is then multiplied by `magnitude`.
// What lies behind the pairs stays. model/part/rotary.hpp has the frequencies of each rule.
struct rotary {
    rope_order         order       = rope_order::half_split;
    std::vector<float> frequencies = {}; // [pairs], 2 * pairs <= head size; none: positions are not rotated
    float              magnitude   = 1;
    rotary_words       words       = {};

    [[nodiscard]] index pairs() const { return index(frequencies.size()); }
    bool                operator==(rotary const&) const = default;
};

struct attention_shape {
    index heads      = 0;
    index kv_heads   = 0; // divides heads: query head h reads key head h / (heads / kv_heads)
    index head_size  = 0; // of queries and keys
    index window     = 0; // position p sees (p - window, p]; 0: [0, p]
    index value_size = 0; // of values; 0: head_size
    float scale      = 0; // of the scores; 0: 1 / sqrt(head_size)
    float soft_cap   = 0; // a score s becomes soft_cap * tanh(s / soft_cap); 0: it stays

    bool                operator==(attention_shape const&) const = default;
    [[nodiscard]] index value_width() const { return value_size > 0 ? value_size : head_size; }
};

// Functions of one number in a feed-forward block.
enum class activation_fn {
    silu,      // x / (1 + e^-x)
    gelu,      // x/2 (1 + erf(x / sqrt 2))
    gelu_tanh, // x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))): transformers' gelu_pytorch_tanh and gelu_new
    sigmoid,   // 1 / (1 + e^-x)
    relu       // max(x, 0)
};
// How a gate g and a value u become one number.
enum class gate_fn {
    silu,        // silu(g) u
    gelu,        // gelu(g) u
    gelu_tanh,   // gelu_tanh(g) u
    clamped_silu // g' sigmoid(1.702 g') (u' + 1), g' = min(g, 7), u' = u within [-7, 7]: gpt-oss
};

// Columns of a tensor: `count` pieces of `size` columns, the first at `first`, each `stride` behind the one before.
struct column_pieces {
    index first  = 0;
    index size   = 0;
    index count  = 1;
    index stride = 0;
};

// Which experts of a mixture a token goes to, and with which weights.
struct routing_rule {
    index experts = 0;
    index used    = 0; // the largest by their score, the first of equals
    enum class scores {
        softmax,        // of all logits
        softmax_chosen, // logits choose; softmax of those chosen
        sigmoid
    } score          = scores::softmax;
    bool  normalised = false; // weights of the chosen are divided by their sum (+ 1e-20 for sigmoid)
    float scale      = 1;     // of the weights
    // Experts are in groups of equal size, and only those of the best groups may be chosen. A group is worth its best
    // score, or the sum of its best two. 0 groups: all may be.
    index groups      = 0;
    index groups_used = 0;
    bool  best_two    = false;

    bool operator==(routing_rule const&) const = default;
};
// Rows of a tensor that go to one expert, in ascending order, and their weights.
struct expert_share {
    std::vector<index> rows;
    std::vector<float> weights;
};

struct cache_shape {
    index layers     = 0;
    index kv_heads   = 0;
    index head_size  = 0; // of keys
    index max_tokens = 0;
    index value_size = 0; // of values; 0: head_size

    [[nodiscard]] index value_width() const { return value_size > 0 ? value_size : head_size; }
};

} // namespace qeval
