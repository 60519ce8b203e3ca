// qeval tasks: lists the tasks of this program.
#pragma once

#include <string>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/print_table.hpp>
#include <qeval/eval/builtin_tasks.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/report/text/text_table.hpp>

namespace qeval::cli {

inline void list_tasks() {
    text_table table({{"task", true}, {"file below --data", true}, {"options it uses", true}});
    for (auto name : builtin_tasks::names()) {
        std::string flags;
        for (auto const& row : task_option_rows) {
            if (builtin_tasks::used_options(name).has(row.option))
                flags.append(flags.empty() ? "" : " ").append(row.flag);
        }
        table.add({std::string(name), std::string(builtin_tasks::file_of(name)), flags});
    }
    print_table(table);
}

template <>
struct work_of<tasks_options> {
    static exit_status run(tasks_options const&, program const&) { return list_tasks(), exit_status::ok; }
};

} // namespace qeval::cli
