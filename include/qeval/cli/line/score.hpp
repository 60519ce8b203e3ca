// The command line of qeval score.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/code.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

template <>
struct line_of<score_options> {
    static constexpr char const *name = "score", *about = "Judge programs that were written elsewhere";

    static void add(CLI::App& app, score_options& s) {
        app.add_option("--task", s.task,
                       "whose programs are run: humaneval, mbpp, humaneval_single_line_infilling, ...")
            ->capture_default_str();
        app.add_option("--data", s.data, "the data set's file: HumanEval.jsonl.gz, mbpp.jsonl")->required();
        app.add_option("--samples", s.samples,
                       "JSONL, {\"task_id\", \"completion\"} (or evalplus' \"solution\") on each line, or bigcode's "
                       "generations.json; results go to FILE_results.jsonl")
            ->required();
        add_seed(app, s.seed, "of the bootstrap");
        add_output(app, s.output);
        add_code(app, s.code);
    }
};

} // namespace qeval::cli
