// What a layer does, as a backend is asked for it: whatever the architecture, without its help.
#pragma once

#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/model/shape.hpp>

namespace qeval {

// Ranks of the vectors that latent attention makes queries, and keys and values from; 0: there is none.
struct latent_ranks {
    index q = 0, kv = 0;

    bool operator==(latent_ranks const&) const = default;
};
struct layer_facts {
    attention_shape attention;
    bool            sinks = false; // a score of nothing for each head
    latent_ranks    latent;
    rotary          rotation;            // of queries and keys
    index           rotated = 0;         // elements of a head
    routing_rule    routing;             // without experts: there are none
    bool            choice_bias = false; // see routing_rule
};

} // namespace qeval
