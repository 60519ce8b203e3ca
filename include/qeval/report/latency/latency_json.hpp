// Latency and memory of schemes as JSON, every repetition included.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <qeval/io/json/json.hpp>
#include <qeval/report/latency/latency_row.hpp>

namespace qeval {

[[nodiscard]] inline json latency_json(std::vector<latency_row> const& rows) {
    auto const known = [](std::optional<std::uint64_t> n) { return n ? json(*n) : json(nullptr); };
    auto const times = [](median_spread m, std::vector<double> const& seconds) {
        return json{{"median_ms", m.median}, {"spread_ms", m.spread}, {"seconds", seconds}};
    };
    json out = json::array();
    for (auto const& r : rows) {
        auto const& m   = r.memory;
        json        row = {{"scheme", r.scheme},
                           {"kernel", r.kernel},
                           {"batch", r.load.batch},
                           {"prompt_tokens", r.load.prompt},
                           {"output_tokens", r.load.output},
                           {"first_token", times(r.first_ms(), r.times.first)},
                           {"non_first_token", times(r.next_ms(), r.times.next)},
                           {"total_seconds", r.times.total},
                           {"non_first_tokens_per_second", r.next_rate()},
                           {"tokens_per_second", r.total_rate()},
                           {"bits_per_weight", r.bits_per_weight},
                           {"memory",
                            {{"codes", m.codes()},
                             {"scales", known(m.scales)},
                             {"kv_cache", m.cache},
                             {"scratch", known(m.scratch)},
                             {"peak", m.peak}}}};
        if (r.limit_ms > 0)
            row["largest_batch"] = {
                {"limit_ms", r.limit_ms}, {"within_limit", r.within_limit()}, {"at_bound", r.bounded}};
        out.push_back(std::move(row));
    }
    return out;
}

} // namespace qeval
