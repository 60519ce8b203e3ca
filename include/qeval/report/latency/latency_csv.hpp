// Latency and memory of schemes as CSV: the columns of MindIE's performance run under its names, then qeval's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/report/latency/latency_row.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval {

inline constexpr std::string_view latency_csv_header =
    "Model,Batchsize,In_seq,Out_seq,Total time(s),Prefill all time(ms),Prefill average time(ms),Non-first token "
    "time(ms),"
    "Non-first token Throughput(Tokens/s),E2E Throughput(Tokens/s),Non-first token Throughput Average(Tokens/s),E2E "
    "Throughput Average(Tokens/s),"
    "Prefill spread(ms),Non-first token spread(ms),Limit(ms),Code bytes,Scale bytes,KV bytes,Scratch bytes,Peak "
    "bytes,Kernel\n";

// As MindIE has it, the averages over all lengths stand on the last line of each batch: of rows that follow each other
// with the same scheme and batch.
[[nodiscard]] inline std::string latency_csv(std::vector<latency_row> const& rows) {
    std::string out(latency_csv_header);
    auto const  number = [](std::optional<std::uint64_t> n) { return n ? std::to_string(*n) : std::string(); };
    std::size_t first  = 0; // of the batch
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const& r = rows[i];
        bool const  last =
            i + 1 == rows.size() || rows[i + 1].scheme != r.scheme || rows[i + 1].load.batch != r.load.batch;
        std::string averages = ",";
        if (last) {
            double next = 0, total = 0;
            for (std::size_t k = first; k <= i; ++k) next += rows[k].next_rate(), total += rows[k].total_rate();
            auto const n = static_cast<double>(i + 1 - first);
            averages     = text("{:.2f},{:.2f}", next / n, total / n);
            first        = i + 1;
        }
        auto const& m = r.memory;
        out += text("{},{},{},{},{:.4f},{:.3f},{:.3f},{:.3f},{:.2f},{:.2f},{},{:.3f},{:.3f},{},{},{},{},{},{},\"{}\"\n",
                    r.scheme, r.load.batch, r.load.prompt, r.load.output, median_of(r.times.total).median,
                    r.first_ms().median, r.first_ms().median / static_cast<double>(r.load.batch), r.next_ms().median,
                    r.next_rate(), r.total_rate(), averages, r.first_ms().spread, r.next_ms().spread,
                    r.limit_ms > 0 ? text("{}", r.limit_ms) : std::string(), m.codes(), number(m.scales), m.cache,
                    number(m.scratch), m.peak, r.kernel);
    }
    return out;
}

} // namespace qeval
