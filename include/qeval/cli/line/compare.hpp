// The command line of qeval compare.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

template <>
struct line_of<compare_options> {
    static constexpr char const *name = "compare", *about = "Compare two checkpoints tensor by tensor, or two results";

    static void add(CLI::App& app, compare_options& c) {
        app.add_option("first", c.first, "a checkpoint (GGUF, safetensors, directory), or a folder of results")
            ->required();
        app.add_option("second", c.second, "another, of the same family or not; or another folder of results")
            ->required();
        app.add_flag("--all", c.all, "list what is equal, too");
        app.add_flag("--require-equal", c.require_equal, "other values are an error: exit code 3");
        add_threads(app, c.threads);
        app.add_flag("--json", c.output.json, "all of it, equal or not, to stdout as JSON");
    }
};

} // namespace qeval::cli
