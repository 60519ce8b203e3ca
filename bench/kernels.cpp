// What `qeval bench --kernels` does, for the formats named at compile time: builds in seconds, for work on kernels.
//   bench_kernels [--formats A,B] [--paths exact,integer] [--ops gemm,gemv] [--threads 1,2] [--json FILE]
// -DQEVAL_BENCH_FORMATS=qeval::catalog, or formats separated by commas, measures others.
#include <qeval/cli/kernel_bench.hpp>
#include <qeval/cli/line/bench.hpp>
#include <qeval/core/freed_memory.hpp>
#include <qeval/format/catalog.hpp>
#include <qeval/scheme/table_of.hpp>

#ifndef QEVAL_BENCH_FORMATS
#    define QEVAL_BENCH_FORMATS qeval::q8_0, qeval::q4_k, qeval::q6_k, qeval::nf4
#endif

int main(int argc, char** argv) {
    qeval::keep_freed_memory(); // as the driver does
    CLI::App                         app("Speed of matrix products beside the machine's limits");
    qeval::cli::kernel_bench_options options;
    qeval::cli::add_products(app, options);
    qeval::cli::add_measurement(app, options);
    CLI11_PARSE(app, argc, argv);
    try {
        return static_cast<int>(qeval::cli::kernel_bench(qeval::table_of<QEVAL_BENCH_FORMATS>(), options).run());
    } catch (qeval::error const& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return static_cast<int>(e.status());
    }
}
