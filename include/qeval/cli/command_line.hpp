// The command line: arguments -> what they ask for, as plain values.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <qeval/cli/options.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/version.hpp>

namespace qeval::cli {

namespace detail {

// Dash and underscore mean the same.
inline std::vector<std::string> arguments(int argc, char** argv) {
    std::vector<std::string> out;
    for (int i = argc - 1; i > 0; --i) { // CLI11 takes them last first
        std::string a = argv[i];
        if (a.rfind("--", 0) == 0) {
            for (std::size_t k = 2; k < a.size() && a[k] != '='; ++k) a[k] = a[k] == '_' ? '-' : a[k];
        }
        out.push_back(a);
    }
    return out;
}
inline void add(CLI::App& app, model_options& m, output_options& o) {
    app.add_option("-m,--model", m.model, "GGUF file, safetensors file or Hugging Face directory")->required();
    app.add_option("--tokenizer", m.tokenizer, "tokenizer.json, tokenizer.model, a GGUF, or a directory with one of them");
    app.add_option("--imatrix", m.imatrix, "importance matrix of llama.cpp, GGUF or .dat: encoders that search weigh their errors by it");
    app.add_option("-t,--threads", m.threads, "threads; 0: one for each processor")->check(CLI::Range(0, 1024));
    app.add_option("-b,--batch-size,--batch-tokens", m.batch_tokens, "tokens in one forward pass")->check(CLI::Range(1, 1 << 20));
    app.add_flag("--allow-nonfinite", m.allow_nonfinite, "go on with NaN or infinite weights");
    app.add_flag("--no-mmap", m.no_mmap, "read the weights into memory instead of mapping their files");
    app.add_flag("-q,--quiet", o.quiet, "no progress, no notes");
    app.add_flag("--json", o.json, "results to stdout as JSON");
}
inline void add(CLI::App& app, kernel_bench_options& b) {
    app.add_option("-f,--formats", b.formats, "see `qeval formats`; default: all")->delimiter(',');
    app.add_option("--paths", b.paths, "exact, integer, ...; default: all that a format has")->delimiter(',');
    app.add_option("--ops", b.ops, "gemm (many columns), gemv (one column, weights from memory); default: both")
        ->delimiter(',')->check(CLI::IsMember({"gemm", "gemv"}));
    app.add_option("-t,--threads", b.threads, "one or several numbers; 0: one for each processor")->delimiter(',')->check(CLI::Range(0, 1024));
    app.add_option("--rows", b.rows, "outputs of the matrix")->check(CLI::Range(1, 1 << 20))->capture_default_str();
    app.add_option("--cols", b.cols, "its inputs")->check(CLI::Range(1, 1 << 20))->capture_default_str();
    app.add_option("--columns", b.columns, "inputs that a gemm multiplies at once")->check(CLI::Range(1, 1 << 16))->capture_default_str();
    app.add_option("--repetitions", b.repetitions)->check(CLI::Range(1, 1000))->capture_default_str();
    app.add_option("--json", b.json_file, "a file for the rows");
    app.add_flag("-q,--quiet", b.quiet, "no progress");
}

} // namespace detail

// What the command line asks for. Errors, --help and --version are printed here.
inline command read_command_line(int argc, char** argv) {
    CLI::App app("What does quantizing a language model cost?", "qeval");
    app.set_version_flag("--version", "qeval " + std::string(version) + " (" + std::string(built_for) + ", " + std::string(compiler) + ")");
    app.require_subcommand(1);
    app.set_config("--config", "", "options from a file (TOML or INI); the command line wins");

    eval_options ev;
    auto* const  eval = app.add_subcommand("eval", "Evaluate schemes against a reference and print one table");
    detail::add(*eval, ev.model, ev.output);
    eval->add_option("-s,--schemes", ev.schemes, "e.g. q8_0,q4_k_m,nf4:dq@f16,w8a8; see `qeval schemes`")->delimiter(',')->required();
    ev.tasks = {"perplexity:llamacpp", "multiple_choice"};
    eval->add_option("--tasks", ev.tasks, "see `qeval tasks`")->delimiter(',')->capture_default_str();
    eval->add_option("--reference", ev.reference, "the scheme that the others are compared with")->capture_default_str();
    eval->add_option("--data", ev.data, "folder with the tasks' files; default: the folder data beside the model");
    eval->add_option("--limit", ev.limit, "the first N items or windows of each task")->check(CLI::NonNegativeNumber);
    eval->add_option("--chunks", ev.chunks, "the first N windows of texts, where --limit is to mean items only")->check(CLI::NonNegativeNumber);
    eval->add_flag("--parse-special", ev.parse_special, "read special tokens that stand in a text, such as <|endoftext|>, as tokens");
    eval->add_flag("--attribute", ev.attribute, "split each scheme's loss into weights, activations, accumulation, compute type and KV cache");
    eval->add_option("-c,--ctx", ev.ctx, "context of perplexity protocols")->check(CLI::NonNegativeNumber);
    eval->add_option("--seed", ev.seed, "of the bootstrap and the sign-flip test")->capture_default_str();
    eval->add_option("-o,--output-path", ev.output_path, "folder for results.json, summary.md and samples");

    generate_options ge;
    auto* const      generate = app.add_subcommand("generate", "Continue texts");
    detail::add(*generate, ge.model, ge.output);
    generate->add_option("-s,--scheme", ge.scheme)->capture_default_str();
    generate->add_option("-p,--prompt", ge.prompt);
    generate->add_option("--prompts", ge.prompts, "JSONL file, {\"prompt\": ...} on each line");
    generate->add_option("--batch", ge.batch, "prompts at a time")->check(CLI::Range(1, 4096))->capture_default_str();
    generate->add_option("--max-input-tokens", ge.max_input_tokens, "keep the end of longer prompts")->check(CLI::NonNegativeNumber);
    generate->add_option("-n,--max-tokens", ge.max_tokens)->check(CLI::NonNegativeNumber)->capture_default_str();
    generate->add_option("--temperature", ge.temperature, "0: greedy")->check(CLI::Range(0.0, 100.0))->capture_default_str();
    generate->add_option("--top-p", ge.top_p)->check(CLI::Range(0.0, 1.0))->capture_default_str();
    generate->add_option("--top-k", ge.top_k, "0: all")->check(CLI::NonNegativeNumber)->capture_default_str();
    generate->add_option("--seed", ge.seed)->capture_default_str();

    quantize_options qu;
    auto* const      quantize = app.add_subcommand("quantize", "Write a checkpoint under a scheme as safetensors");
    detail::add(*quantize, qu.model, qu.output);
    quantize->add_option("-s,--scheme", qu.scheme)->required();
    auto* const target = quantize->add_option("-o,--output-path", qu.output_path, "folder for the result");
    auto* const dry    = quantize->add_flag("--dry-run", qu.dry_run, "print sizes only");

    inspect_options in;
    auto* const     inspect = app.add_subcommand("inspect", "Tell what a checkpoint is");
    inspect->add_option("path", in.path)->required();
    inspect->add_flag("--tensors", in.tensors, "list every tensor");
    auto* const plan = inspect->add_option("--plan", in.plan, "a scheme: its format for every matrix, and the bytes");
    inspect->add_option("--imatrix", in.imatrix, "importance matrix of llama.cpp: some schemes need one")->needs(plan);

    kernel_bench_options kb;
    auto* const          bench = app.add_subcommand("bench", "Measure speed beside this machine's limits");
    bool                 kernels = false;
    bench->add_flag("--kernels", kernels, "matrix products: every format, path and shape")->required();
    detail::add(*bench, kb);

    formats_options fo;
    auto* const     formats_list = app.add_subcommand("formats", "List formats: bits, kernel paths, round-trip errors, speed of encoding and decoding");
    formats_list->add_option("-m,--model", fo.model, "a checkpoint: measure on one of its matrices, too");
    formats_list->add_option("--tensor", fo.tensor, "which; see `qeval inspect --tensors`")->needs("--model");
    formats_list->add_option("-t,--threads", fo.threads, "threads; 0: one for each processor")->check(CLI::Range(0, 1024));
    formats_list->add_flag("--json", fo.json, "results to stdout as JSON");

    auto* const list_s = app.add_subcommand("schemes", "List schemes and their grammar");
    app.add_subcommand("tasks", "List tasks and the files they read");

    try {
        app.parse(detail::arguments(argc, argv));
        if (quantize->parsed() && !*target && !*dry) throw CLI::RequiredError("--output-path or --dry-run");
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? exit_status::ok : exit_status::usage;
    }
    if (eval->parsed()) return ev;
    if (generate->parsed()) return ge;
    if (quantize->parsed()) return qu;
    if (inspect->parsed()) return in;
    if (bench->parsed()) return kb;
    if (formats_list->parsed()) return fo;
    if (list_s->parsed()) return list_schemes_options{};
    return list_tasks_options{};
}

} // namespace qeval::cli
