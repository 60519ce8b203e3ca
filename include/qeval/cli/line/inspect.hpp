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
        auto* const plan = app.add_option("--plan", i.plan, "a scheme: its format for every matrix, and the bytes");
        app.add_flag("--json", i.output.json, "what the model and its tokenizer are, to stdout as JSON")
            ->excludes(plan);
        app.add_option("--imatrix", i.imatrix, "importance matrix of llama.cpp: some schemes need one")->needs(plan);
    }
};

} // namespace qeval::cli
