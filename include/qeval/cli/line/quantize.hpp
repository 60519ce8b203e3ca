// The command line of qeval quantize.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/model.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

template <>
struct line_of<quantize_options> {
    static constexpr char const *name = "quantize", *about = "Write a checkpoint under a scheme as safetensors";

    static void add(CLI::App& app, quantize_options& q) {
        add_model(app, q.model, q.output);
        app.get_option("--model")->description("Hugging Face directory, or a safetensors file in one");
        app.get_option("--tokenizer")
            ->description("file or folder that is copied to the result instead of the model's");
        app.add_option("-s,--scheme", q.scheme)->required();
        app.add_option("-o,--output-path", q.output_path, "folder for the result");
        app.add_flag("--dry-run", q.dry_run, "print sizes only");
    }
    static void read(CLI::App& app, quantize_options& q) {
        if (app.count("--output-path") == 0 && !q.dry_run) throw CLI::RequiredError("--output-path or --dry-run");
    }
};

} // namespace qeval::cli
