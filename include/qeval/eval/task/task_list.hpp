// Lists of tasks, of which one is found by its name.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/erased_task.hpp>
#include <qeval/eval/task/task.hpp>
#include <qeval/eval/task/task_options.hpp>

namespace qeval {

template <task... Ts>
struct task_list {
    [[nodiscard]] static std::vector<std::string_view> names() { return {Ts::name...}; }

    template <class F> // calls f.template operator()<T>() for each task type T
    static void for_each(F const& f) {
        (f.template operator()<Ts>(), ...);
    }
    // Calls it for the task of that name. A name that is not in the list is refused (usage_error EV06), here and below.
    template <class F>
    static void for_named(std::string_view name, F const& f) {
        bool found = false;
        ((name == Ts::name ? (found = true, f.template operator()<Ts>()) : void()), ...);
        if (found) return;
        std::string all;
        for (auto n : names()) all += (all.empty() ? "" : ", ") + std::string(n);
        throw usage_error{{"EV06", "--tasks", qeval::quoted(name), "one of " + all, ""}};
    }
    // Where a task's data lies below `folder`: T::file, or the first of T::elsewhere that exists. A file is the data.
    [[nodiscard]] static std::filesystem::path locate(std::string_view name, std::filesystem::path const& folder) {
        std::error_code ignored;
        if (std::filesystem::is_regular_file(folder, ignored)) return folder;
        std::string_view                  file;
        std::span<std::string_view const> others;
        for_named(name, [&]<class T>() {
            file = T::file;
            if constexpr (has_other_files<T>) others = T::elsewhere;
        });
        std::filesystem::path found = folder / file;
        for (std::string_view const other : others)
            if (!std::filesystem::exists(found) && std::filesystem::exists(folder / other)) found = folder / other;
        return found;
    }
    // What a task uses of task_options.
    [[nodiscard]] static task_option_set used_options(std::string_view name) {
        task_option_set used{};
        for_named(name, [&]<class T>() { used = T::used_options; });
        return used;
    }
    // The file under --data that a task reads.
    [[nodiscard]] static std::string_view file_of(std::string_view name) {
        std::string_view file;
        for_named(name, [&]<class T>() { file = T::file; });
        return file;
    }
    [[nodiscard]] static std::unique_ptr<any_task const> load(std::string_view name, std::filesystem::path const& path,
                                                              task_options const& options = {}) {
        std::unique_ptr<any_task const> task;
        for_named(name, [&]<class T>() { task = any_task_of(styled(T::load(path, options), options)); });
        return task;
    }
};

} // namespace qeval
