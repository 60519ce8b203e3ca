// The base of commands that work with the program's tables, and how they are run.
#pragma once

#include <utility>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/program_tables.hpp>
#include <qeval/core/error.hpp>

namespace qeval::cli {

// Holds tables and options. A command derives from it and adds run().
template <class Options>
class tables_command {
public:
    tables_command(program_tables tables, Options options) : tables_(std::move(tables)), options_(std::move(options)) {}

protected:
    program_tables tables_;
    Options        options_;
};

// The base of work_of for such a command: makes it, and runs it.
template <class Command>
struct work_by {
    template <class Options>
    static exit_status run(Options const& asked, program const& p) {
        return Command(p.tables, asked).run();
    }
};

} // namespace qeval::cli
