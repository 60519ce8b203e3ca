// Options that were given and that no task would heed are refused: a number must not look as if they had made it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <qeval/core/error.hpp>
#include <qeval/eval/task/task_options.hpp>

namespace qeval {

struct used_options_of_task {
    std::string_view task;
    task_option_set  used;
};

// Refuses an option that was given (usage_error EV17) and is used by none of the tasks, or, where it speaks to every
// task of a run, not by all of them. Texts that have a limit of their own, `windows`, do not use `limit`.
inline void refuse_unused_options(std::span<used_options_of_task const> tasks, task_options const& options) {
    auto const uses = [&](used_options_of_task const& t, task_option o) {
        bool const replaced = o == task_option::limit && !options.windows.all() && t.used.has(task_option::windows);
        return t.used.has(o) && !replaced;
    };
    for (auto const& row : task_option_rows) {
        if (!row.given(options)) continue;
        std::string without;
        bool        used = false;
        for (auto const& t : tasks) {
            if (uses(t, row.option)) {
                used = true;
            } else {
                without.append(without.empty() ? "" : ", ").append(t.task);
            }
        }
        if (without.empty() || (used && !row.for_all)) continue;
        throw usage_error{{"EV17", std::string(row.flag), "an option that is not used by: " + without,
                           "options of the tasks that are run",
                           "`qeval tasks` lists what each task uses; --ignore-unused lets the option pass"}};
    }
}

} // namespace qeval
