// The command line of qeval eval.
#pragma once

#include <string>

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/code.hpp>
#include <qeval/cli/line/latency.hpp>
#include <qeval/cli/line/max_failed.hpp>
#include <qeval/cli/line/model.hpp>
#include <qeval/cli/line/parser.hpp>
#include <qeval/cli/line/wording.hpp>
#include <qeval/core/view.hpp>

namespace qeval::cli {

namespace detail {

// Reads --shard: "2/3" is the second of three shards.
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

} // namespace detail

template <>
struct line_of<eval_options> {
    static constexpr char const *name = "eval", *about = "Evaluate schemes against a reference and print one table";

    static void add(CLI::App& app, eval_options& e) {
        add_model(app, e.model, e.output);
        add_work(app, e);
        add_written(app, e);
        add_results(app, e);
        add_measured(app, e);
    }

private:
    static void add_work(CLI::App& app, eval_options& e) {
        app.add_option("-s,--schemes", e.schemes, "e.g. q8_0,q4_k_m,nf4:dq@f16,w8a8; see `qeval schemes`")
            ->delimiter(',')
            ->required();
        e.tasks = {"perplexity:llamacpp", "multiple_choice"};
        app.add_option("--tasks", e.tasks, "see `qeval tasks`")->delimiter(',')->capture_default_str();
        app.add_option("--reference", e.reference, "the scheme that the others are compared with")
            ->capture_default_str();
        app.add_option("--data", e.data,
                       "folder with the tasks' files, or one such file; default: the folder data beside the model");
        app.add_option("-k,--num-fewshot", e.shots,
                       "worked examples before each item; default: the protocol's own number")
            ->check(CLI::Range(0, 1000));
        add_limit(app, "--limit", e.limit,
                  "the first N items (of each subject) or windows of each task; below 1: a share of them");
        add_limit(app, "--chunks", e.chunks,
                  "the first N windows (pages) of texts, where --limit is to mean items only");
        app.add_flag("--partial", e.partial,
                     "let data pass that are a part of a published set, or more than it; scores over them are marked");
        app.add_flag("--ignore-unused", e.ignore_unused, "let options pass that a task does not use");
        app.add_flag("--parse-special", e.parse_special,
                     "read special tokens that stand in a text, such as <|endoftext|>, as tokens");
        app.add_option("--fewshot-as-multiturn", e.wording.fewshot_as_multiturn,
                       "worked examples are turns of the conversation; false: they stand in the question")
            ->needs(add_wording(app, e.wording))
            ->capture_default_str();
        app.add_flag("--attribute", e.attribute,
                     "split each scheme's loss into weights, activations, accumulation, compute type and KV cache");
        app.add_flag("--layer-errors", e.layer_errors,
                     "the error of every matrix under every scheme, for report.html and results.json");
        app.add_flag("--noise-floor", e.noise_floor,
                     "rows for the source's weights computed in f16 and bf16: differences below theirs are rounding");
        app.add_option("-c,--ctx", e.ctx, "context of perplexity protocols")->check(at_least(1));
        add_seed(app, e.seed, "of the bootstrap, the sign-flip test and sampled answers");
        app.add_option("--split", e.split, "of data sets that have several, e.g. val; default: the protocol's own");
    }
    static void add_written(CLI::App& app, eval_options& e) {
        add_code(app, e.code);
        app.add_option("--code-preset", e.code.preset,
                       "how programs are drawn and cut: openai, bigcode, bigcode-unstripped, lm-eval (default), "
                       "mindie, opencompass, llmc, exllamav3");
        app.add_flag("--fill-in-the-middle", e.wording.fill_in_the_middle,
                     "put code with a gap between the tokens that the model has for it");
        app.add_option("--samples", e.code.samples, "programs for each problem; default: 1 for greedy presets, else 20")
            ->check(CLI::Range(1, 10'000));
        app.add_option("--temperature", e.code.temperature, "of programs, instead of the preset's")
            ->check(CLI::Range(0.0, 100.0));
    }
    static void add_results(CLI::App& app, eval_options& e) {
        app.add_option("-o,--output-path", e.output_path,
                       "folder for the results, and for the store from which a stopped run goes on");
        app.add_flag("--restart", e.restart, "begin anew instead of going on with the store in the output path");
        add_max_failed(app, e.max_failed,
                       "of each task's items under each scheme, the share that may fail; with more the exit code is 6, "
                       "once everything is written")
            ->capture_default_str();
        app.add_flag("--log-samples", e.log_samples,
                     "write what was asked and answered, too: prompts, targets, programs");
        app.add_flag("--opencompass", e.opencompass, "write the results as OpenCompass lays them out, too");
    }
    static void add_measured(CLI::App& app, eval_options& e) {
        auto* const latency = app.add_option("--latency", e.latency.batches,
                                             "also measure first and further tokens and memory of each scheme, "
                                             "with so many sequences at a time: 1,8")
                                  ->delimiter(',')
                                  ->check(CLI::Range(1, 1 << 16));
        for (auto* option : options_of(app, [&] { add_latency(app, e.latency); })) option->needs(latency);
        app.add_option("--repetitions", e.latency.repetitions, "of each measurement of latency")
            ->check(CLI::Range(1, 1000))
            ->capture_default_str()
            ->needs(latency);
        app.add_option_function<std::string>(
               "--shard", [&e](std::string const& text) { detail::read_shard(text, e); },
               "I/N: answer the I-th of N parts only, into the store; `qeval merge` makes the results")
            ->needs("--output-path")
            ->excludes(latency);
    }
};

} // namespace qeval::cli
