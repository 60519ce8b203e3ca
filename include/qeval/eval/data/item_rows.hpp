// Tasks from JSON lines: a row is an item.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <qeval/eval/data/item_ids.hpp>
#include <qeval/eval/data/item_limit.hpp>
#include <qeval/eval/data/published_set.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/jsonl.hpp>

namespace qeval {

// Keeps the first items.
template <class Item>
void keep_first(std::vector<Item>& items, item_limit limit) {
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(limit.among(std::ssize(items))), items.end());
}

// A task of the items that item_of(row, ids) makes of a file's rows, the first `limit` of them, with the file's hash
// and its number of rows. All rows are read, and an item keeps its own. `ids` refuses an id that comes twice.
// file_error where the file has no row. Where the task names the set that is published under its name
// (Task::published), task.data says what the file holds of it.
template <class Task, class ItemOf>
[[nodiscard]] Task task_of_rows(std::filesystem::path const& path, item_limit limit, ItemOf const& item_of) {
    auto const data = read_data_file(path);
    Task       task;
    item_ids   ids;
    task.data_sha256 = data.sha256;
    for_each_jsonl_line(data.bytes, data.name, [&](std::size_t, json_document const& row) {
        task.items.push_back(item_of(row, ids));
        task.items.back().row = row.text();
    });
    if (task.items.empty()) refuse_empty_data(data.name);
    task.set_size = std::ssize(task.items);
    if constexpr (requires { Task::published; }) {
        std::vector<std::string> marks;
        for (auto const& item : task.items) marks.push_back(item.mark());
        task.data = facts_about(Task::published, marks, data.sha256);
    }
    keep_first(task.items, limit);
    return task;
}

} // namespace qeval
