// The command line of qeval formats.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

template <>
struct line_of<formats_options> {
    static constexpr char const *name  = "formats",
                                *about = "List formats: bits, kernel paths, round-trip errors, speed of encoding and "
                                         "decoding";

    static void add(CLI::App& app, formats_options& f) {
        app.add_option("-m,--model", f.model, "a checkpoint: measure on one of its matrices, too");
        app.add_option("--tensor", f.tensor, "which; see `qeval inspect --tensors`")->needs("--model");
        add_threads(app, f.threads);
        app.add_flag("--json", f.json, "results to stdout as JSON");
    }
};

} // namespace qeval::cli
