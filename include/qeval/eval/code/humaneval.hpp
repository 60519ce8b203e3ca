// HumanEval (Chen et al. 2021): 164 functions, completed and run.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include <qeval/eval/code/code_answers.hpp>
#include <qeval/eval/data/item_ids.hpp>
#include <qeval/eval/data/item_rows.hpp>
#include <qeval/eval/data/published_sets.hpp>
#include <qeval/eval/data/suffix_rows.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/jsonl.hpp>

namespace qeval {

// Rows {"task_id", "prompt", "entry_point", "test"} of HumanEval.jsonl(.gz).
struct humaneval : code_answers {
    static constexpr std::string_view                name      = "humaneval";
    static constexpr std::string_view                file      = "humaneval/HumanEval.jsonl.gz";
    static constexpr std::array<std::string_view, 1> elsewhere = {"humaneval/HumanEval.jsonl"};
    static constexpr published_set                   published = qeval::published::humaneval_test;
    static constexpr task_option_set used_options              = code_answers::used_options.with(task_option::preset);

    [[nodiscard]] static humaneval load(std::filesystem::path const& path, task_options const& options = {}) {
        auto const data = read_data_file(path);
        humaneval  task;
        task.data_sha256 = data.sha256;
        task.prepare(options.code, find_code_preset(options.code.preset));
        item_ids                 ids;
        std::vector<std::string> marks;
        for_each_jsonl_line(data.bytes, data.name, [&](std::size_t, json_document const& row) {
            refuse_suffix(row);
            std::string const prompt = row.at("prompt").string();
            marks.push_back(item_mark({prompt, row.at("test").string(), row.at("entry_point").string()}));
            task.items.push_back({ids.take(row.at("task_id").string(), row.at("task_id")),
                                  prompt,
                                  {task.preset().strip ? std::string(stripped(prompt)) : prompt,
                                   row.at("test").string(), row.at("entry_point").string()},
                                  std::string(row.text())});
        });
        if (task.items.empty()) refuse_empty_data(data.name);
        task.set_size = std::ssize(task.items);
        task.data     = facts_about(published, marks, data.sha256);
        keep_first(task.items, options.limit);
        return task;
    }
    [[nodiscard]] std::string protocol() const { return "HumanEval, " + how(); }
};

} // namespace qeval
