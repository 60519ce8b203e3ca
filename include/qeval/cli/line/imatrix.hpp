// The command line of qeval imatrix.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/model.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

template <>
struct line_of<imatrix_options> {
    static constexpr char const *name  = "imatrix",
                                *about = "Measure which columns matter on a text, as llama.cpp's llama-imatrix does";

    static void add(CLI::App& app, imatrix_options& i) {
        add_model(app, i.model, i.output);
        app.add_option("--calib", i.calib, "the text, such as wiki.train.raw")->required();
        app.add_option("-o,--output-path", i.output_path, "importance matrix: FILE.gguf, or FILE.dat in the older form")
            ->required();
        app.add_option("-c,--ctx", i.ctx, "tokens in a chunk")->check(CLI::Range(16, 1 << 24))->capture_default_str();
        app.add_option("--chunks", i.chunks, "the first N chunks only; 0: all")->check(at_least(0));
        app.add_flag("--process-output", i.process_output, "the inputs of the head, too");
        app.add_flag("--parse-special", i.parse_special,
                     "read special tokens that stand in the text, such as <|endoftext|>, as tokens");
    }
};

} // namespace qeval::cli
