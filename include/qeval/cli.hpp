// The qeval program as a template over its formats and architectures:
//   return qeval::cli::main<qeval::catalog, my_format, my_architecture>(argc, argv);
//
// It is header-only, as everything else. A build with several such programs may link qeval::driver, in which the
// commands, the catalog's formats and the architectures are compiled once; then only a program's own parts are compiled
// for it.
#pragma once

#include <qeval/cli/base/program_tables.hpp>
#include <qeval/core/freed_memory.hpp>
#include <qeval/io/file/input_guard.hpp>

#if defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/cli/base/commands.hpp>
#else
#    include <qeval/cli/bench.hpp>
#    include <qeval/cli/compare.hpp>
#    include <qeval/cli/doctor.hpp>
#    include <qeval/cli/eval.hpp>
#    include <qeval/cli/formats.hpp>
#    include <qeval/cli/generate.hpp>
#    include <qeval/cli/imatrix.hpp>
#    include <qeval/cli/inspect.hpp>
#    include <qeval/cli/line/command_line.hpp>
#    include <qeval/cli/logits.hpp>
#    include <qeval/cli/merge.hpp>
#    include <qeval/cli/perform.hpp>
#    include <qeval/cli/quantize.hpp>
#    include <qeval/cli/run.hpp>
#    include <qeval/cli/schemes.hpp>
#    include <qeval/cli/score.hpp>
#    include <qeval/cli/tasks.hpp>
#endif

namespace qeval::cli {

#if defined(QEVAL_DRIVER_LIBRARY)
int run(int argc, char** argv, program_tables const& tables);
#else
inline int run(int argc, char** argv, program_tables const& tables) {
    return run_command(read_command_line(argc, argv), {tables, &read_command_line});
}
#endif

template <class... Parts>
int main(int argc, char** argv) {
    keep_freed_memory();
    input_guard const inputs; // a file of options, too
    return run(argc, argv, tables_of<Parts...>());
}

} // namespace qeval::cli
