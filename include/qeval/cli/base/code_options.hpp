// Turns what the command line says about generated programs into the options of tasks.
#pragma once

#include <cstdint>
#include <string>

#include <qeval/cli/base/options.hpp>
#include <qeval/eval/task/task_options.hpp>

namespace qeval::cli {

[[nodiscard]] inline code_options code_options_of(code_run_options const& given, std::uint64_t seed) {
    code_options c;
    c.allow   = given.allow;
    c.preset  = given.preset;
    c.samples = given.samples;
    c.workers = given.workers;
    c.seed    = seed;
    if (!given.mode.empty()) c.compat = given.mode == "compat";
    if (given.seconds > 0) c.seconds = given.seconds;
    if (given.temperature >= 0) c.temperature = given.temperature;
    return c;
}

[[nodiscard]] inline std::string exec_mode_of(code_run_options const& given) {
    return given.mode.empty() ? "split" : given.mode;
}

} // namespace qeval::cli
