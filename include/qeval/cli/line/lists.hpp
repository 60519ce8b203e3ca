// The command lines of qeval schemes and qeval tasks, which have no options.
#pragma once

#include <qeval/cli/base/options.hpp>
#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

template <>
struct line_of<schemes_options> {
    static constexpr char const *name = "schemes", *about = "List schemes and their grammar";
    static void                  add(CLI::App&, schemes_options&) {}
};

template <>
struct line_of<tasks_options> {
    static constexpr char const *name = "tasks", *about = "List tasks and the files they read";
    static void                  add(CLI::App&, tasks_options&) {}
};

} // namespace qeval::cli
