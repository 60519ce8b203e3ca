// Tasks from JSON lines: a row is an item.
#pragma once

#include <cstddef>
#include <filesystem>
#include <utility>

#include <qeval/core/view.hpp>
#include <qeval/eval/data/item_ids.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/jsonl.hpp>

namespace qeval {

// A task of the items that item_of(row, ids) makes of a file's rows, the first `limit` of them (0: all), with the
// file's hash. `ids` refuses an id that comes twice. file_error where the file has no row.
template <class Task, class ItemOf>
[[nodiscard]] Task task_of_rows(std::filesystem::path const& path, index limit, ItemOf const& item_of) {
    auto const data = read_data_file(path);
    Task       task;
    item_ids   ids;
    task.data_sha256 = data.sha256;
    for_each_jsonl_line(data.bytes, data.name, [&](std::size_t, json_document const& row) {
        if (limit > 0 && std::ssize(task.items) == limit) return;
        task.items.push_back(item_of(row, ids));
    });
    if (task.items.empty()) refuse_empty_data(data.name);
    return task;
}

} // namespace qeval
