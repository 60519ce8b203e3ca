// qeval bench: matrix products, or a model under schemes.
#pragma once

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/kernel_bench.hpp>
#include <qeval/cli/latency_bench.hpp>
#include <qeval/core/error.hpp>

namespace qeval::cli {

template <>
struct work_of<bench_options> {
    static exit_status run(bench_options const& asked, program const& p) {
        return asked.products ? kernel_bench(p.tables.formats, asked.kernels).run()
                              : latency_bench(p.tables, asked.latency).run();
    }
};

} // namespace qeval::cli
