// Options of commands that measure latency: what each sequence reads and writes.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

inline void add_latency(CLI::App& app, latency_run_options& l) {
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
}

} // namespace qeval::cli
