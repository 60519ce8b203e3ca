// Multiple choice over a passage, in qeval's own layout: that of the bundled data set, and of users' own.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/data/item_ids.hpp>
#include <qeval/eval/data/item_rows.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/io/json/json_document.hpp>

namespace qeval {

struct multiple_choice : ranked_choices<length_metric::per_character> {
    static constexpr std::string_view name         = "multiple_choice";
    static constexpr std::string_view file         = "multiple_choice.jsonl";
    static constexpr task_option_set  used_options = worded_options.with(task_option::limit);

    // Reads rows {"id", "context", "question", "choices": [text...], "answer": index from 0}.
    [[nodiscard]] static multiple_choice load(std::filesystem::path const& path, task_options const& options = {}) {
        return task_of_rows<multiple_choice>(path, options.limit, [](json_document const& row, item_ids& ids) {
            ranked_item              it{ids.of(row, "id"), {}, 0, {}, {}, 0};
            std::vector<std::string> choices;
            row.at("choices").for_each_element(
                [&](std::size_t, json_value choice) { choices.push_back(choice.string()); });
            if (choices.size() < 2) row.at("choices").fail("at least two choices");
            it.answer  = row.at("answer").integer(0, std::ssize(choices) - 1);
            it.context = row.at("context").string() + "\nQuestion: " + row.at("question").string() + "\nAnswer:";
            it.options = ranked_item::of(choices);
            return it;
        });
    }

    [[nodiscard]] static std::string protocol() {
        return "log-likelihood of \" \" + choice after context + \"\\nQuestion: \" + question + \"\\nAnswer:\", joint "
               "tokenization (lm-eval); acc: largest sum, acc_norm: largest sum per character of the choice; 0 shots";
    }
};

} // namespace qeval
