// The list of all commands of qeval, and what a command is.
#pragma once

#include <variant>

#include <qeval/cli/base/options.hpp>
#include <qeval/core/error.hpp>

namespace qeval::cli {

struct program_tables;

template <class... Options>
struct command_list {
    using any = std::variant<exit_status, Options...>; // exit_status: all is done, as behind --help
};

// The only list of commands, in the order of --help. A command is known by the type of its options (options.hpp), which
// are plain values, so that a program can call it, too. cli/line/<command>.hpp declares and reads the options;
// cli/<command>.hpp does the work.
using commands = command_list<eval_options, merge_options, generate_options, score_options, quantize_options,
                              imatrix_options, logits_options, inspect_options, compare_options, bench_options,
                              formats_options, doctor_options, schemes_options, tasks_options>;
using command  = commands::any;

// What a command works with beside its options.
struct program {
    program_tables const& tables;
    command (*parse)(int argc, char** argv); // reads the command line that a store has kept
};

// The work of a command: cli/<command>.hpp specialises it with a static run(Options const&, program const&). perform()
// is defined in a header of its own, perform.hpp, so that a library can hold it for each command.
template <class Options>
struct work_of;
template <class Options>
[[nodiscard]] exit_status perform(Options const& asked, program const& p);

} // namespace qeval::cli
