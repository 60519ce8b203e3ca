// What some evaluations have beside scores: steps of attribution, latency.
#pragma once

#include <vector>

#include <qeval/report/attribution_table.hpp>
#include <qeval/report/latency/latency_row.hpp>

namespace qeval {

struct further_results {
    std::vector<attributed_scheme> attributed;
    std::vector<latency_row>       latency;
    int                            latency_threads = 0; // with which it was measured
};

} // namespace qeval
