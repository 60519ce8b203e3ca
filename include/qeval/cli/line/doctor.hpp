// The command line of qeval doctor.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

template <>
struct line_of<doctor_options> {
    static constexpr char const *name  = "doctor",
                                *about = "Tell what this machine and this binary can do: processor, memory, sandbox";

    static void add(CLI::App& app, doctor_options& d) { app.add_flag("--json", d.json, "results to stdout as JSON"); }
};

} // namespace qeval::cli
