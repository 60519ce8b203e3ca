// The largest batch that keeps to a limit.
#pragma once

#include <algorithm>

#include <qeval/core/view.hpp>

namespace qeval {

// The largest batch of 1 .. most for which within(batch), 0 if there is none. Found by doubling, then by halving what
// is left: once a batch is over the limit, larger ones are taken to be, too.
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
