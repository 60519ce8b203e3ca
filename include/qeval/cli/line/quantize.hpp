// The command line of qeval quantize.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/model.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

template <>
struct line_of<quantize_options> {
    static constexpr char const *name = "quantize", *about = "Write a checkpoint under a scheme";

    static void add(CLI::App& app, quantize_options& q) {
        add_model(app, q.model, q.output);
        app.get_option("--tokenizer")
            ->description("file or folder that is copied to the result instead of the model's");
        auto* const scheme = app.add_option("-s,--scheme", q.scheme);
        app.add_flag("--from-quantized", q.from_quantized,
                     "take the codes of a quantized model as they are, in a format that holds the same numbers")
            ->excludes(scheme);
        app.add_option("-o,--output-path", q.output_path, "folder for the result, or its file");
        app.add_option("--output-format", q.output_format,
                       "qeval: a folder that qeval reads back; gguf: a file as llama.cpp writes it; gptq, awq, "
                       "compressed-tensors, bitsandbytes, ascend: a folder as these tools write it")
            ->capture_default_str();
        constexpr auto mixes = "Options of ggml file types, as llama-quantize has them";
        app.add_flag("--pure", q.pure, "every matrix in the file type's base format")->group(mixes);
        app.add_option("--tensor-type", q.tensor_types,
                       "PATTERN=TYPE: matrices in whose GGUF name the regular expression is found; the first decides")
            ->allow_extra_args(false)
            ->group(mixes);
        app.add_option("--output-tensor-type", q.output_tensor_type, "of the head")->group(mixes);
        app.add_option("--token-embedding-type", q.token_embedding_type, "of the embedding")->group(mixes);
        app.add_flag("--dry-run", q.dry_run, "print sizes only");
    }
    static void read(CLI::App& app, quantize_options& q) {
        if (q.scheme.empty() && !q.from_quantized) throw CLI::RequiredError("--scheme or --from-quantized");
        if (q.from_quantized) q.scheme = "source";
        if (app.count("--output-path") == 0 && !q.dry_run) throw CLI::RequiredError("--output-path or --dry-run");
    }
};

} // namespace qeval::cli
