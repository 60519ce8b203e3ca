// Commands that work with the program's tables: what such a class holds, and how it is run.
#pragma once

#include <utility>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/program_tables.hpp>
#include <qeval/core/error.hpp>

namespace qeval::cli {

// A command adds run().
template <class Options>
class tables_command {
public:
    tables_command(program_tables tables, Options options) : tables_(std::move(tables)), options_(std::move(options)) {}

protected:
    program_tables tables_;
    Options        options_;
};

// What work_of is for such a command.
template <class Command>
struct work_by {
    template <class Options>
    static exit_status run(Options const& asked, program const& p) {
        return Command(p.tables, asked).run();
    }
};

} // namespace qeval::cli
