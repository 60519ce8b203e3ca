// The qeval program as a template over its formats: return qeval::cli::main<qeval::catalog, my_format>(argc, argv);
//
// Header-only as everything else. A build with several such programs may link qeval::driver, which holds the commands
// and the catalog's formats compiled once; then a program costs its own formats only.
#pragma once

#include <qeval/core/freed_memory.hpp>
#include <qeval/scheme/table_of.hpp>

#if defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/cli/commands.hpp>
#else
#    include <qeval/cli/bench.hpp>
#    include <qeval/cli/doctor.hpp>
#    include <qeval/cli/eval.hpp>
#    include <qeval/cli/formats.hpp>
#    include <qeval/cli/generate.hpp>
#    include <qeval/cli/inspect.hpp>
#    include <qeval/cli/line/command_line.hpp>
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
int run(int argc, char** argv, format_table const& formats);
#else
inline int run(int argc, char** argv, format_table const& formats) {
    return run_command(read_command_line(argc, argv), {formats, &read_command_line});
}
#endif

template <class... Parts>
int main(int argc, char** argv) {
    keep_freed_memory();
    return run(argc, argv, table_of<Parts...>());
}

} // namespace qeval::cli
