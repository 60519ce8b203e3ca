// Measures latency and memory of one scheme after the other: the rows of `qeval bench --model` and `qeval eval
// --latency`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/model/local_rows.hpp>
#include <qeval/engine/latency.hpp>
#include <qeval/report/latency/latency_row.hpp>
#include <qeval/report/text/progress_line.hpp>
#include <qeval/scheme/format_table.hpp>

namespace qeval::cli {

class latency_run {
public:
    // Refuses loads that the model cannot run, before any work.
    latency_run(local_rows& schemes, latency_run_options const& options, progress_line& progress);
    [[nodiscard]] std::vector<latency_row> const& rows() const { return rows_; }
    [[nodiscard]] bool                            searches() const { return options_.max_batch_ms > 0; }

    void measure(std::string const& scheme);

private:
    // The row of the largest batch within the limit of time; that of one sequence, where even that is over the limit.
    [[nodiscard]] latency_row   largest(built_model const& built, scheme_spec const& spec, kv_format const* kv,
                                        latency_load load);
    [[nodiscard]] latency_row   measure(built_model const& built, scheme_spec const& spec, kv_format const* kv,
                                        latency_load const& load);
    [[nodiscard]] std::uint64_t cache_bytes(kv_format const* format, latency_load const& load) const;

    local_rows&                schemes_;
    loaded_model&              model_;
    latency_run_options const& options_;
    progress_line&             progress_;
    std::vector<latency_load>  pairs_; // their batch is set for each measurement
    std::vector<latency_row>   rows_;
};

} // namespace qeval::cli

#if !defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/cli/model/latency_run_body.hpp>
#endif
