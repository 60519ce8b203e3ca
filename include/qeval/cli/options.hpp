// What the command line says, as plain values: commands take these, so that a program can call them too.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>

namespace qeval::cli {

struct output_options {
    bool quiet = false; // no progress, no notes
    bool json  = false; // results to stdout as JSON
};

struct model_options {
    std::string model;
    std::string tokenizer; // empty: beside the model, or inside the GGUF
    std::string imatrix;   // llama.cpp's importance matrix; empty: none
    int         threads         = 0;
    index       batch_tokens    = 512; // of one forward pass
    bool        allow_nonfinite = false;
    bool        no_mmap         = false; // a private copy of the files: safe against a file cut while in use
};

struct eval_options {
    model_options            model;
    output_options           output;
    std::vector<std::string> schemes;
    std::vector<std::string> tasks;
    std::string              reference = "source";
    std::string              data;        // empty: the folder `data` beside the model
    std::string              output_path; // empty: no files
    index                    limit = 0, chunks = 0, ctx = 0; // items, windows of texts, their length; 0: all, the protocol's own
    bool                     attribute     = false; // rows between the reference and each scheme, one source of error more each
    bool                     parse_special = false; // special tokens written in a text are read as tokens
    std::uint64_t            seed  = 1234;          // of the bootstrap and the sign-flip test
};

struct generate_options {
    model_options  model;
    output_options output;
    std::string    scheme = "source", prompt, prompts;
    index          batch = 8, max_input_tokens = 0, max_tokens = 64, top_k = 0;
    double         temperature = 0, top_p = 1;
    std::uint64_t  seed = 1234;
};

struct quantize_options {
    model_options  model;
    output_options output;
    std::string    scheme, output_path;
    bool           dry_run = false;
};

struct formats_options {
    std::string model, tensor; // a real matrix beside the generated ones
    int         threads = 0;
    bool        json    = false;
};

struct inspect_options {
    std::string    path, plan, imatrix; // plan: a scheme
    bool           tensors = false;
    output_options output;
};

struct kernel_bench_options {
    std::vector<std::string> formats, paths, ops; // empty: all
    std::vector<int>         threads;             // several: one after the other
    index                    rows = 4096, cols = 4096, columns = 512;
    int                      repetitions = 5;
    std::string              json_file;
    bool                     quiet = false;
};

struct list_schemes_options {};
struct list_tasks_options {};

// One invocation of the program; exit_status where all there was to do was to print something.
using command = std::variant<exit_status, eval_options, generate_options, quantize_options, inspect_options, kernel_bench_options,
                             formats_options, list_schemes_options, list_tasks_options>;

} // namespace qeval::cli
