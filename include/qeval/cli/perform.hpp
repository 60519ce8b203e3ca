// Defines perform(), which does a command's work. It is compiled where this header is included: in every program, or
// once in a library of commands.
#pragma once

#include <qeval/cli/base/commands.hpp>
#include <qeval/core/error.hpp>
#include <qeval/io/file/input_guard.hpp>

namespace qeval::cli {

template <class Options>
exit_status perform(Options const& asked, program const& p) {
    input_guard const inputs; // no command writes over what it reads
    return work_of<Options>::run(asked, p);
}

} // namespace qeval::cli
