// The command line of qeval bench, which measures matrix products or a model.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/latency.hpp>
#include <qeval/cli/line/model.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

// Options of matrix products: first those that only these have, then those that the latency of a model has, too.
inline void add_products(CLI::App& app, kernel_bench_options& b) {
    app.add_option("-f,--formats", b.formats, "see `qeval formats`; default: all")->delimiter(',');
    app.add_option("--paths", b.paths, "exact, integer, ...; default: all that a format has")->delimiter(',');
    app.add_option("--ops", b.ops, "gemm (many tokens), gemv (one token, weights from memory); default: both")
        ->delimiter(',')
        ->check(CLI::IsMember({"gemm", "gemv"}));
    app.add_option("--rows", b.rows, "outputs of the matrix")->check(CLI::Range(1, 1 << 20))->capture_default_str();
    app.add_option("--cols", b.cols, "its inputs")->check(CLI::Range(1, 1 << 20))->capture_default_str();
    app.add_option("--columns", b.columns, "tokens that a gemm multiplies at once")
        ->check(CLI::Range(1, 1 << 16))
        ->capture_default_str();
}
inline void add_measurement(CLI::App& app, kernel_bench_options& b) {
    app.add_option("-t,--threads", b.threads, "one or several numbers; 0: one for each processor")
        ->delimiter(',')
        ->check(CLI::Range(0, 1024));
    app.add_option("--repetitions", b.repetitions, "default: 5 of a product, 10 of a model")
        ->check(CLI::Range(1, 1000));
    app.add_option("--json", b.json_file, "rows as JSON to a file, or without a name to stdout")->expected(0, 1);
    app.add_flag("-q,--quiet", b.quiet, "no progress, no notes");
}

template <>
struct line_of<bench_options> {
    static constexpr char const *name  = "bench",
                                *about = "Measure speed: of a model under schemes, or of matrix products beside this "
                                         "machine's limits";

    static void add(CLI::App& app, bench_options& b) {
        auto* const kernels = app.add_flag("--kernels", b.products, "matrix products: every format, path and shape");
        for (auto* option : options_of(app, [&] { add_products(app, b.kernels); })) option->needs(kernels);
        add_measurement(app, b.kernels);

        CLI::Option* model = nullptr;
        for (auto* option : options_of(app, [&] { model = add_files(app, b.latency.model), add_load(app, b.latency); }))
            if (option != model) option->needs(model);
        model->description("GGUF file, safetensors file or Hugging Face directory: latency and memory of schemes");
    }
    static void read(CLI::App& app, bench_options& b) {
        bool const of_model = app.count("--model") > 0;
        if (b.products == of_model) throw CLI::RequiredError("one of --kernels and --model");
        if (of_model && b.kernels.threads.size() > 1) throw CLI::ArgumentMismatch("--threads: one number for --model");
        b.kernels.json      = app.count("--json") > 0 && b.kernels.json_file.empty();
        b.latency.output    = {b.kernels.quiet, b.kernels.json};
        b.latency.json_file = b.kernels.json_file;
        if (app.count("--repetitions") > 0) b.latency.load.repetitions = b.kernels.repetitions;
        if (!b.kernels.threads.empty()) b.latency.model.threads = b.kernels.threads[0];
    }

private:
    static void add_load(CLI::App& app, latency_bench_options& b) {
        app.add_option("-s,--schemes", b.schemes, "see `qeval schemes`")->delimiter(',')->capture_default_str();
        auto* const batches = app.add_option("--batch", b.load.batches, "sequences at a time: one or several numbers")
                                  ->delimiter(',')
                                  ->check(CLI::Range(1, 1 << 16))
                                  ->capture_default_str();
        app.add_option("--batch-tokens", b.load.pass_tokens, "tokens in one forward pass; default: all prompts in one")
            ->check(CLI::Range(1, 1 << 24));
        add_latency(app, b.load);
        auto* const limit =
            app.add_option("--max-batch-ms", b.load.max_batch_ms,
                           "find the largest batch whose tokens after the first take at most so many milliseconds")
                ->check(CLI::Range(0.001, 1e9))
                ->excludes(batches);
        app.add_option("--max-batch", b.load.max_batch, "where that search ends")
            ->check(CLI::Range(1, 1 << 16))
            ->capture_default_str()
            ->needs(limit);
        app.add_option("--csv", b.csv_file, "a file for the rows, MindIE's columns first");
    }
};

} // namespace qeval::cli
