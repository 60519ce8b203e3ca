// A search for the largest batch that keeps to a limit.
#pragma once

#include <algorithm>

#include <qeval/core/view.hpp>

namespace qeval {

// The largest batch in 1 .. most for which within(batch) is true; 0 where there is none. The search doubles the batch
// until it is over the limit, then halves the interval that is left. It takes for granted that all batches above one
// that is over the limit are over it, too.
template <class Within>
[[nodiscard]] index largest_batch(index most, Within const& within) {
    index good = 0, bad = most + 1;
    while (good + 1 < bad) {
        index const b            = bad > most ? std::clamp<index>(2 * good, 1, most) : good + (bad - good) / 2;
        (within(b) ? good : bad) = b;
    }
    return good;
}

} // namespace qeval
