// The command line of qeval logits.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/model.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

template <>
struct line_of<logits_options> {
    static constexpr char const *name  = "logits",
                                *about = "Write the logits of token ids, for a comparison with others";

    static void add(CLI::App& app, logits_options& l) {
        add_model(app, l.model, l.output);
        app.add_option("-s,--scheme", l.scheme)->capture_default_str();
        auto* const ids = app.add_option("--ids", l.ids, "JSON file, a list of lists of token ids: [[1, 403], [1]]");
        app.add_option("--text", l.text, "one text instead")->excludes(ids);
        app.add_option("-n,--max-tokens", l.max_tokens, "also so many greedy tokens more of each list")
            ->check(at_least(0))
            ->capture_default_str();
        app.add_option("-o,--output-path", l.output_path, "safetensors file: logits.N [tokens, vocabulary], ids.N")
            ->required();
    }
    static void read(CLI::App& app, logits_options&) {
        if (app.count("--ids") + app.count("--text") == 0) throw CLI::RequiredError("--ids or --text");
    }
};

} // namespace qeval::cli
