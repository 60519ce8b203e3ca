// The command line of qeval inspect.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

template <>
struct line_of<inspect_options> {
    static constexpr char const *name = "inspect", *about = "Tell what a checkpoint is";

    static void add(CLI::App& app, inspect_options& i) {
        app.add_option("path", i.path)->required();
        app.add_flag("--tensors", i.tensors, "list every tensor");
        app.add_flag(
            "--json", i.output.json,
            "what the model and its tokenizer are, or with --plan what a scheme makes of it, to stdout as JSON");
        auto&       p = i.plan;
        auto* const plan =
            app.add_option("--plan", p.scheme,
                           "a scheme: its format for every matrix, and the bytes of files, weights, cache, scratch");
        app.add_option("--imatrix", p.imatrix, "importance matrix of llama.cpp: some schemes need one")->needs(plan);
        app.add_option("--output-format", p.output_format, "of the file (default: each that can hold the scheme)")
            ->needs(plan);
        app.add_option("-c,--ctx", p.ctx, "tokens of a sequence (default: the model's context)")
            ->needs(plan)
            ->check(CLI::PositiveNumber);
        app.add_option("--kv", p.kv, "format of keys and values (default: the scheme's)")->needs(plan);
        app.add_option("--batch", p.batch, "sequences at a time")->needs(plan)->check(CLI::PositiveNumber);
        app.add_option("--batch-tokens", p.batch_tokens, "tokens in one forward pass (default: 512)")
            ->needs(plan)
            ->check(CLI::Range(1, 1 << 20));
    }
};

} // namespace qeval::cli
