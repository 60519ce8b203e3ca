// The command line of qeval generate.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/model.hpp>
#include <qeval/cli/line/parser.hpp>
#include <qeval/cli/line/wording.hpp>

namespace qeval::cli {

template <>
struct line_of<generate_options> {
    static constexpr char const *name = "generate",
                                *about =
                                    "Continue texts; by a chat template, answer them: the answers alone are printed";

    static void add(CLI::App& app, generate_options& g) {
        add_model(app, g.model, g.output);
        app.add_option("-s,--scheme", g.scheme)->capture_default_str();
        app.add_option("-p,--prompt", g.prompt);
        app.add_option("--prompts", g.prompts, "JSONL file, {\"prompt\": ...} on each line");
        add_wording(app, g.wording);
        app.add_flag("--parse-special", g.parse_special,
                     "read special tokens that stand in a prompt, such as <|im_start|>, as tokens");
        app.add_option("--batch", g.batch, "prompts at a time")->check(CLI::Range(1, 4096))->capture_default_str();
        app.add_option("--max-input-tokens", g.max_input_tokens, "keep the end of longer prompts")->check(at_least(0));
        app.add_option("-n,--max-tokens", g.max_tokens)->check(at_least(0))->capture_default_str();
        app.add_option("--temperature", g.temperature, "0: greedy")
            ->check(CLI::Range(0.0, 100.0))
            ->capture_default_str();
        app.add_option("--top-p", g.top_p)->check(CLI::Range(0.0, 1.0))->capture_default_str();
        app.add_option("--top-k", g.top_k, "0: all")->check(at_least(0))->capture_default_str();
        add_seed(app, g.seed);
    }
};

} // namespace qeval::cli
