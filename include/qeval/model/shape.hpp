// Sizes that policies hand to a backend.
#pragma once

#include <qeval/core/view.hpp>
#include <qeval/io/checkpoint/rope_order.hpp>

namespace qeval {

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

struct cache_shape {
    index layers     = 0;
    index kv_heads   = 0;
    index head_size  = 0;
    index max_tokens = 0;
};

} // namespace qeval
