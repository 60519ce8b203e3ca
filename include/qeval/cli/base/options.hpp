// The options of all commands as plain values, so that a program can call a command, too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/data/item_limit.hpp>

namespace qeval::cli {

struct output_options {
    bool quiet = false; // print no progress and no notes
    bool json  = false; // results to stdout as JSON
};

struct model_options {
    std::string model;
    std::string tokenizer;           // empty: beside the model, or inside the GGUF
    std::string imatrix;             // llama.cpp's importance matrix; empty: none
    index       context         = 0; // tokens that the model is used with at most; 0: as the configuration says
    int         threads         = 0;
    index       batch_tokens    = 512; // of one forward pass
    bool        allow_nonfinite = false;
    bool        repack          = false; // copy weights that a scheme takes as they are stored into the kernel layout
    bool        no_mmap         = false; // read a private copy of the files, which cannot be cut while in use
};

struct wording_options {            // of prompts
    std::string chat_template;      // a name, or "auto": the model's own; empty: plain text
    std::string system_instruction; // before what a task says itself
    bool        fewshot_as_multiturn = true;
    bool        fill_in_the_middle   = false; // by the model's own tokens
};

struct code_run_options {
    bool        allow = false;    // --allow-code-execution
    std::string mode, preset;     // empty: split, lm-eval's
    index       samples     = 0;  // 0: the preset's own number
    double      temperature = -1; // below 0: the preset's
    int         workers     = 0;
    double      seconds     = 0; // 0: 3
};

struct latency_run_options {
    std::vector<index> batches{};
    std::string        pairs{}; // "256x256,512x512", instead of the next two
    index              prompt_tokens = 128, output_tokens = 128;
    index              pass_tokens = 0; // of one forward pass at most; 0: all prompts in one
    int                warm_ups = 3, repetitions = 10;
    double             max_batch_ms = 0;   // above 0: find the largest batch within it, instead of `batches`
    index              max_batch    = 256; // the largest batch that the search tries
};

struct eval_options {
    model_options            model;
    output_options           output;
    std::vector<std::string> schemes;
    std::vector<std::string> tasks;
    std::string              reference = "source";
    std::string              data;                  // empty: the folder `data` beside the model
    std::string              output_path;           // empty: no files
    bool                     restart = false;       // forget the answers that the store there has
    item_limit               limit, chunks;         // of items, of windows of texts
    index                    ctx           = 0;     // the length of windows; 0: the protocol's own
    bool                     partial       = false; // data that are a part of what is published are no error
    bool                     ignore_unused = false; // options that a task does not use are no error
    index                    shots         = -1; // worked examples before each item; below 0: the protocol's own number
    bool attribute     = false; // add rows between the reference and each scheme, each with one source of error more
    bool layer_errors  = false; // measure the error of each matrix's weights, for report.html and results.json
    bool opencompass   = false; // also write the files that OpenCompass writes
    bool log_samples   = false; // also write the prompts, targets and programs of all items
    bool noise_floor   = false; // add rows for the reference's weights under other compute types
    bool parse_special = false; // read special tokens that are written in a text as tokens
    std::uint64_t            seed = 1234;    // of the bootstrap, the sign-flip test and sampled answers
    std::string              split;          // of data sets that have several; empty: the protocol's own
    double                   max_failed = 0; // of each task's items the share that may fail
    wording_options          wording;
    code_run_options         code;
    latency_run_options      latency;               // not measured where it has no batches
    index                    shard = 1, shards = 1; // this run's part of the work
    std::vector<std::string> words;  // the command line itself, which merging shards repeats; may be empty
    std::vector<std::string> stores; // stores of shards: this run takes over their answers and computes none
};

struct merge_options {
    std::vector<std::string> directories;
    std::string              output_path;
    output_options           output;
    std::optional<double>    max_failed; // none: that of the command which filled the stores
};

struct generate_options {
    model_options   model;
    output_options  output;
    std::string     scheme = "source", prompt, prompts;
    index           batch = 8, max_input_tokens = 0, max_tokens = 64, top_k = 0;
    double          temperature = 0, top_p = 1;
    std::uint64_t   seed = 1234;
    wording_options wording;
    bool            parse_special = false; // read special tokens that are written in a prompt as tokens
};

struct quantize_options {
    model_options  model;
    output_options output;
    std::string    scheme, output_path, output_format = "qeval"; // scheme/output/outputs.hpp
    bool           dry_run = false, from_quantized = false;
    // What changes a ggml file type (scheme/mix_overrides.hpp).
    bool                     pure = false;
    std::string              output_tensor_type, token_embedding_type;
    std::vector<std::string> tensor_types; // PATTERN=TYPE
};

struct logits_options {
    model_options  model;
    output_options output;
    std::string    scheme     = "source", ids, text, output_path; // ids: a file
    index          max_tokens = 0;                                // of the greedy continuation
};

struct imatrix_options {
    model_options  model;
    output_options output;
    std::string    calib, output_path;    // files
    index          ctx = 512, chunks = 0; // 0: all
    bool           process_output = false, parse_special = false;
};

struct score_options {
    std::string      task = "humaneval", data, samples;
    code_run_options code;
    std::uint64_t    seed = 1234;
    output_options   output;
};

struct formats_options {
    std::string model, tensor; // whose matrix is measured beside the generated ones
    int         threads = 0;
    bool        json    = false;
};

// What a model under a scheme would be, from headers alone.
struct plan_options {
    std::string scheme, imatrix, output_format, kv; // scheme empty: none is asked for; kv empty: the scheme's
    index       ctx = 0, batch = 1;                 // tokens of a sequence, 0: the model's context; sequences at a time
    index       batch_tokens = 0;                   // of one forward pass; 0: as other commands
};
struct inspect_options {
    std::string    path;
    plan_options   plan;
    bool           tensors = false;
    output_options output;
};

struct compare_options {
    std::string    first, second;         // checkpoints, or folders of results
    bool           all           = false; // list what is equal, too
    bool           require_equal = false; // other values are an error
    int            threads       = 0;
    output_options output;
};

struct kernel_bench_options {
    std::vector<std::string> formats, paths, ops; // empty: all
    std::vector<int>         threads;             // several: one after the other
    index                    rows = 4096, cols = 4096, columns = 512;
    int                      repetitions = 5;
    bool                     json        = false; // rows to stdout as JSON
    std::string              json_file;
    bool                     quiet = false;
};

struct latency_bench_options {
    model_options            model;
    output_options           output;
    std::vector<std::string> schemes = {"source"};
    latency_run_options      load    = {.batches = {1, 8}};
    std::string              csv_file, json_file;
};

struct bench_options { // `kernels` if `products` is set, else `latency`
    bool                  products = false;
    kernel_bench_options  kernels;
    latency_bench_options latency;
};

struct doctor_options {
    bool json = false;
};

struct schemes_options {};
struct tasks_options {};

} // namespace qeval::cli
