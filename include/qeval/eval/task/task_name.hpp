// What a task is called in results: a declared task by its file, all others by their type.
#pragma once

#include <concepts>
#include <string_view>

namespace qeval {

template <class T>
[[nodiscard]] std::string_view name_of_task(T const& task) {
    if constexpr (requires {
                      { task.title } -> std::convertible_to<std::string_view>;
                  }) {
        return task.title;
    } else {
        return T::name;
    }
}

} // namespace qeval
