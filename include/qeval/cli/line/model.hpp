// Options of commands that open a checkpoint.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

// Adds the options that say which checkpoint is opened and how its files are read. Returns --model.
inline CLI::Option* add_files(CLI::App& app, model_options& m) {
    auto* const model = app.add_option("-m,--model", m.model, "GGUF file, safetensors file or Hugging Face directory");
    app.add_option("--tokenizer", m.tokenizer,
                   "tokenizer.json, tokenizer.model, a GGUF, or a directory with one of them");
    app.add_option("--imatrix", m.imatrix,
                   "importance matrix of llama.cpp, GGUF or .dat: encoders that search weigh their errors by it");
    app.add_option("--context", m.context,
                   "tokens of the longest text, by which longrope (Phi-3 128k) chooses its factors; by default the "
                   "model's own, and of longrope the context before scaling")
        ->check(CLI::PositiveNumber);
    app.add_flag("--allow-nonfinite", m.allow_nonfinite, "go on with NaN or infinite weights");
    app.add_flag("--no-mmap", m.no_mmap, "read the weights into memory instead of mapping their files");
    app.add_flag("--repack", m.repack,
                 "copy weights that need no conversion to the kernels' own order: quicker tokens, memory for the copy");
    return model;
}
// Adds the options of commands that need a checkpoint.
inline void add_model(CLI::App& app, model_options& m, output_options& o) {
    add_files(app, m)->required();
    add_threads(app, m.threads);
    app.add_option("-b,--batch-size,--batch-tokens", m.batch_tokens, "tokens in one forward pass")
        ->check(CLI::Range(1, 1 << 20));
    add_output(app, o);
}

} // namespace qeval::cli
