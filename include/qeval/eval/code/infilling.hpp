// HumanEval-Infilling (Bavarian et al. 2022): HumanEval's solutions with a gap, of a line, of some lines, or of any
// span of characters. The model reads what stands behind the gap, then what stands before it, as in lm-eval's
// humaneval_infilling, version 1.0; with --fill-in-the-middle both stand between the model's own tokens, as
// bigcode-evaluation-harness has them.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/eval/code/code_answers.hpp>
#include <qeval/eval/data/item_ids.hpp>
#include <qeval/eval/data/item_rows.hpp>
#include <qeval/eval/data/published_sets.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/jsonl.hpp>

namespace qeval {

// Rows {"task_id", "prompt", "suffix", "entry_point", "test"}: the program is prompt, completion and suffix.
[[nodiscard]] inline code_answers load_infilling(std::filesystem::path const& path, task_options const& options,
                                                 code_preset const& preset, published_set const& set) {
    auto const   data = read_data_file(path);
    code_answers task;
    task.data_sha256 = data.sha256;
    task.prepare(options.code, preset);
    item_ids                 ids;
    std::vector<std::string> names;
    for_each_jsonl_line(data.bytes, data.name, [&](std::size_t, json_document const& row) {
        std::string const prompt = row.at("prompt").string(), suffix = row.at("suffix").string();
        names.push_back(ids.take(row.at("task_id").string(), row.at("task_id")));
        task.items.push_back({names.back(),
                              suffix + "\n\n" + prompt,
                              {prompt, row.at("test").string(), row.at("entry_point").string(), suffix},
                              std::string(row.text())});
    });
    if (task.items.empty()) refuse_empty_data(data.name);
    task.set_size = std::ssize(task.items);
    task.data     = facts_by_names(set, names, data.sha256);
    keep_first(task.items, options.limit);
    return task;
}

// Stop: what ends a text besides 1024 tokens; lm-eval ends all but single lines at an empty line.
template <class Task, published_set const& Set>
struct infilling : code_answers {
    static constexpr published_set   published    = Set;
    static constexpr task_option_set used_options = code_answers::used_options.with(task_option::fill);

    [[nodiscard]] static Task load(std::filesystem::path const& path, task_options const& options = {}) {
        constexpr code_preset preset{.name = "lm-eval humaneval_infilling", .new_tokens = 1024, .stops = {Task::stop}};
        Task                  task;
        static_cast<code_answers&>(task) = load_infilling(path, options, preset, Set);
        return task;
    }
    [[nodiscard]] std::string protocol() const {
        if (!style.fill) return std::string(Set.name) + ", the suffix before the prompt, " + how();
        return std::string(Set.name) + ", " + style.fill->prefix + " prompt " + style.fill->suffix + " suffix " +
               style.fill->middle + ", up to the end of the text, " + how();
    }
};

struct humaneval_single_line_infilling : infilling<humaneval_single_line_infilling, published::single_line_infilling> {
    static constexpr std::string_view name = "humaneval_single_line_infilling";
    static constexpr std::string_view file = "humaneval_infilling/HumanEval-SingleLineInfilling.jsonl.gz";
    static constexpr std::array<std::string_view, 1> elsewhere = {
        "humaneval_infilling/HumanEval-SingleLineInfilling.jsonl"};
    static constexpr std::string_view stop = "\n";
};
struct humaneval_multi_line_infilling : infilling<humaneval_multi_line_infilling, published::multi_line_infilling> {
    static constexpr std::string_view                name = "humaneval_multi_line_infilling";
    static constexpr std::string_view                file = "humaneval_infilling/HumanEval-MultiLineInfilling.jsonl.gz";
    static constexpr std::array<std::string_view, 1> elsewhere = {
        "humaneval_infilling/HumanEval-MultiLineInfilling.jsonl"};
    static constexpr std::string_view stop = "\n\n";
};
struct humaneval_random_span_infilling : infilling<humaneval_random_span_infilling, published::random_span_infilling> {
    static constexpr std::string_view                name      = "humaneval_random_span_infilling";
    static constexpr std::string_view                file      = "humaneval_infilling/HumanEval-RandomSpan.jsonl.gz";
    static constexpr std::array<std::string_view, 2> elsewhere = {
        "humaneval_infilling/HumanEval-RandomSpan.jsonl", "humaneval_infilling/HumanEval-RandomSpanInfilling.jsonl"};
    static constexpr std::string_view stop = "\n\n";
};
struct humaneval_random_span_infilling_light
    : infilling<humaneval_random_span_infilling_light, published::random_span_infilling_light> {
    static constexpr std::string_view                name = "humaneval_random_span_infilling_light";
    static constexpr std::string_view                file = "humaneval_infilling/HumanEval-RandomSpanLight.jsonl.gz";
    static constexpr std::array<std::string_view, 2> elsewhere = {
        "humaneval_infilling/HumanEval-RandomSpanLight.jsonl",
        "humaneval_infilling/HumanEval-RandomSpanInfillingLight.jsonl"};
    static constexpr std::string_view stop = "\n\n";
};

} // namespace qeval
