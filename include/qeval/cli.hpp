// The qeval program as a template over its formats: return qeval::cli::main<qeval::catalog, my_format>(argc, argv);
//
// Header-only as everything else. A build with several such programs may link qeval::driver, which holds the commands
// and the catalog's formats compiled once; then a program costs its own formats only.
#pragma once

#include <qeval/core/freed_memory.hpp>
#include <qeval/scheme/table_of.hpp>

#if defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/cli/options.hpp>
#else
#    include <qeval/cli/command_line.hpp>
#    include <qeval/cli/run.hpp>
#endif

namespace qeval::cli {

#if defined(QEVAL_DRIVER_LIBRARY)
command parse(int argc, char** argv);
int     run(int argc, char** argv, format_table const& formats);
#else
inline command parse(int argc, char** argv) { return read_command_line(argc, argv); }

inline int run(int argc, char** argv, format_table const& formats) {
    return run_command(parse(argc, argv), formats, &parse);
}
#endif

template <class... Parts>
int main(int argc, char** argv) {
    keep_freed_memory();
    return run(argc, argv, table_of<Parts...>());
}

} // namespace qeval::cli
