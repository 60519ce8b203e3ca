// qeval tasks: lists the tasks of this program.
#pragma once

#include <string>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/print_table.hpp>
#include <qeval/eval/builtin_tasks.hpp>
#include <qeval/report/text/text_table.hpp>

namespace qeval::cli {

inline void list_tasks() {
    text_table table({{"task", true}, {"file below --data", true}});
    for (auto name : builtin_tasks::names()) table.add({std::string(name), std::string(builtin_tasks::file_of(name))});
    print_table(table);
}

template <>
struct work_of<tasks_options> {
    static exit_status run(tasks_options const&, program const&) { return list_tasks(), exit_status::ok; }
};

} // namespace qeval::cli
