// MBPP (Austin et al. 2021): lm-eval's mbpp, version 1.0. Test problems 11 to 510; problems 2, 3 and 4 are the
// examples.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/eval/code/code_answers.hpp>
#include <qeval/eval/data/item_ids.hpp>
#include <qeval/eval/data/item_rows.hpp>
#include <qeval/eval/data/published_sets.hpp>
#include <qeval/eval/data/suffix_rows.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/jsonl.hpp>

namespace qeval {

struct mbpp : code_answers {
    static constexpr std::string_view name         = "mbpp";
    static constexpr std::string_view file         = "mbpp/mbpp.jsonl";
    static constexpr published_set    published    = qeval::published::mbpp_test;
    static constexpr task_option_set  used_options = code_answers::used_options.with(task_option::shots);

    // Rows {"task_id", "text", "code", "test_list": [3]} of the published file.
    [[nodiscard]] static mbpp load(std::filesystem::path const& path, task_options const& options = {}) {
        constexpr code_preset preset{.name = "lm-eval mbpp", .new_tokens = 256, .stops = {"[DONE]"}};
        auto const            data = read_data_file(path);
        mbpp                  task;
        task.data_sha256 = data.sha256;
        task.shots_      = options.shots.value_or(3);
        if (task.shots_ > 3)
            throw usage_error{
                {"EV09", "--num-fewshot", std::to_string(task.shots_), "at most 3", "mbpp has three examples"}};
        task.prepare(options.code, preset);
        index                    found = 0;
        item_ids                 ids;
        std::vector<std::string> marks;
        for_each_jsonl_line(data.bytes, data.name, [&](std::size_t, json_document const& row) {
            refuse_suffix(row);
            auto const id = row.at("task_id").integer(1, 1'000'000);
            ids.take(std::to_string(id), row.at("task_id"));
            std::vector<std::string> tests;
            row.at("test_list").for_each_element([&](std::size_t, json_value t) { tests.push_back(t.string()); });
            if (tests.size() < 3) row.at("test_list").fail("three tests");
            std::string const asserts = tests[0] + "\n" + tests[1] + "\n" + tests[2];
            std::string const prompt =
                "You are an expert Python programmer, and here is your task: " + row.at("text").string() +
                " Your code should pass these tests:\n\n" + asserts + "\n[BEGIN]\n";
            if (id >= 2 && id < 2 + task.shots_) {
                task.frame.add({prompt, "", row.at("code").string() + "\n[DONE]", "\n\n"});
                ++found;
            }
            if (id < 11 || id > 510) return;
            std::vector<std::string_view> texts{row.at("text").string()};
            texts.insert(texts.end(), tests.begin(), tests.end());
            marks.push_back(item_mark(texts));
            task.items.push_back({std::to_string(id), prompt, {"", asserts, ""}, std::string(row.text())});
        });
        if (task.items.empty()) refuse_empty_data(data.name);
        task.set_size = std::ssize(task.items);
        task.data     = facts_about(published, marks, data.sha256);
        keep_first(task.items, options.limit);
        if (found != task.shots_) {
            throw file_error{{"DS08", data.name, std::to_string(found) + " of the problems 2, 3 and 4",
                              std::to_string(task.shots_) + ", the worked examples",
                              "a file of the test problems only; --num-fewshot 0 needs none"}};
        }
        return task;
    }
    [[nodiscard]] index       shots() const { return shots_; }
    [[nodiscard]] std::string protocol() const {
        return "lm-eval mbpp 1.0, problems 11 to 510, " + std::to_string(shots_) + " examples, " + how();
    }

private:
    index shots_ = 3;
};

} // namespace qeval
