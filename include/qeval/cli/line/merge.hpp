// The command line of qeval merge.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/max_failed.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

template <>
struct line_of<merge_options> {
    static constexpr char const *name = "merge", *about = "Results from the stores of shards";

    static void add(CLI::App& app, merge_options& m) {
        app.add_option("directories", m.directories, "the shards' output paths")->required();
        app.add_option("-o,--output-path", m.output_path, "folder for the results")->required();
        add_max_failed(app, m.max_failed, "as of qeval eval; default: what the shards were given");
        add_output(app, m.output);
    }
};

} // namespace qeval::cli
