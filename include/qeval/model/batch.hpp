// What one forward pass computes: tokens of several sequences, one after the other, each continuing its own cache.
#pragma once

#include <span>
#include <vector>

#include <qeval/core/token.hpp>
#include <qeval/core/view.hpp>

namespace qeval {

template <class Cache>
struct batch {
    struct part {
        Cache* cache = nullptr;
        index  row   = 0; // of its first token in the batch
        index  count = 0;
        index  start = 0; // position of its first token in the sequence
    };
    std::vector<part>  parts;
    std::vector<token> tokens;    // [n]
    std::vector<index> positions; // [n]

    // Makes room in the cache: positions count from its present length.
    void add(Cache& cache, std::span<token const> ids) {
        cache.reserve(index(ids.size()));
        parts.push_back({&cache, index(tokens.size()), index(ids.size()), cache.length()});
        for (index i = 0; i < index(ids.size()); ++i) positions.push_back(cache.length() + i);
        tokens.insert(tokens.end(), ids.begin(), ids.end());
    }
    // The caches have been filled in every layer.
    void commit() {
        for (part& p : parts) p.cache->advance(p.count);
    }
};

} // namespace qeval
