// Latency and memory of schemes for people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <qeval/core/counted.hpp>
#include <qeval/report/latency/latency_row.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>

namespace qeval {

namespace detail {

// The batch of a search says how the search ended.
[[nodiscard]] inline std::string batch_text(latency_row const& r) {
    std::string const n = std::to_string(r.load.batch);
    if (r.limit_ms <= 0) return n;
    return r.bounded ? "≥" + n : r.within_limit() ? n : n + " (over)";
}
[[nodiscard]] inline std::string spread_text(median_spread m) { return text("{:.2f} ±{:.2f}", m.median, m.spread); }
[[nodiscard]] inline std::string bytes_text_or_absent(std::optional<std::uint64_t> n) {
    return n ? bytes_text(*n) : absent;
}

} // namespace detail

// The columns of bitsandbytes' comparison tables: milliseconds to the first token and to each further one.
[[nodiscard]] inline text_table latency_table(std::vector<latency_row> const& rows) {
    text_table table({{"scheme", true},
                      {"batch", false},
                      {"in", false},
                      {"out", false},
                      {"first ms", false},
                      {"non-first ms", false},
                      {"tok/s", false},
                      {"kernel", true}});
    for (auto const& r : rows) {
        table.add({r.scheme, detail::batch_text(r), std::to_string(r.load.prompt), std::to_string(r.load.output),
                   detail::spread_text(r.first_ms()), r.load.output > 1 ? detail::spread_text(r.next_ms()) : absent,
                   fixed(r.total_rate(), 1), r.kernel});
    }
    return table;
}

[[nodiscard]] inline text_table memory_table(std::vector<latency_row> const& rows) {
    text_table table({{"scheme", true},
                      {"batch", false},
                      {"in", false},
                      {"out", false},
                      {"bits/w", false},
                      {"weights", false},
                      {"scales", false},
                      {"KV cache", false},
                      {"scratch", false},
                      {"peak", false}});
    for (auto const& r : rows) {
        auto const& m = r.memory;
        table.add({r.scheme, detail::batch_text(r), std::to_string(r.load.prompt), std::to_string(r.load.output),
                   fixed(r.bits_per_weight, 3), bytes_text(m.codes()), detail::bytes_text_or_absent(m.scales),
                   bytes_text(m.cache), detail::bytes_text_or_absent(m.scratch), bytes_text(m.peak)});
    }
    return table;
}

// What the numbers of both tables are.
[[nodiscard]] inline std::string latency_note(int repetitions, int warm_ups, int threads) {
    return text(" median ± half the distance of the quartiles of {} after {}; {}. first: all "
                "prompts read and a token chosen for each.\n"
                " tok/s: tokens written by all sequences, over the whole time. peak: resident memory of the process, "
                "the checkpoint's pages included.\n",
                counted(repetitions, "runs"), counted(warm_ups, "warm-ups"), counted(threads, "threads"));
}

} // namespace qeval
