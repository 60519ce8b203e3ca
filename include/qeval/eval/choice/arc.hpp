// ARC (Clark et al. 2018) as lm-eval's arc_easy and arc_challenge, version 1.0.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/data/item_ids.hpp>
#include <qeval/eval/data/item_rows.hpp>
#include <qeval/eval/data/published_sets.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/io/json/json_document.hpp>

namespace qeval {

// Reads rows {"id", "question", "choices": {"text": [...], "label": [...]}, "answerKey"}, or AI2's own layout, where
// "question" is {"stem", "choices": [{"text", "label"}...]}. A row has 3 to 5 choices. Labels are letters or digits,
// and the key is one of them.
struct arc_items : ranked_choices<length_metric::per_character> {
    static constexpr task_option_set used_options = worded_options.with(task_option::limit);
    [[nodiscard]] static std::string protocol() {
        return "log-likelihood of \" \" + choice after \"Question: \" + question + \"\\nAnswer:\", joint tokenization; "
               "acc: largest "
               "sum, acc_norm: largest sum per character of the choice; 0 shots (lm-eval arc 1.0)";
    }

protected:
    static ranked_item item_of(json_document const& row, item_ids& ids) {
        std::vector<std::string> texts, labels;
        json_value const         question = row.at("question");
        std::string              stem;
        if (question.is_object()) {
            stem = question.at("stem").string();
            question.at("choices").for_each_element([&](std::size_t, json_value choice) {
                texts.push_back(choice.at("text").string());
                labels.push_back(choice.at("label").string());
            });
        } else {
            stem = question.string();
            row.at("choices").at("text").for_each_element(
                [&](std::size_t, json_value v) { texts.push_back(v.string()); });
            row.at("choices").at("label").for_each_element(
                [&](std::size_t, json_value v) { labels.push_back(v.string()); });
        }
        if (texts.size() < 2 || texts.size() != labels.size())
            row.at("question").fail("as many labels as choices, two at least");
        auto const at = std::find(labels.begin(), labels.end(), row.at("answerKey").string());
        if (at == labels.end()) row.at("answerKey").fail("one of the labels");
        return {ids.of(row, "id"),  {}, 0, "Question: " + stem + "\nAnswer:", ranked_item::of(texts),
                at - labels.begin()};
    }
};

struct arc_easy : arc_items {
    static constexpr std::string_view name      = "arc_easy";
    static constexpr std::string_view file      = "arc/ARC-Easy-test.jsonl";
    static constexpr published_set    published = qeval::published::arc_easy_test;

    [[nodiscard]] static arc_easy load(std::filesystem::path const& path, task_options const& options = {}) {
        return task_of_rows<arc_easy>(path, options.limit, item_of);
    }
};
struct arc_challenge : arc_items {
    static constexpr std::string_view name      = "arc_challenge";
    static constexpr std::string_view file      = "arc/ARC-Challenge-test.jsonl";
    static constexpr published_set    published = qeval::published::arc_challenge_test;

    [[nodiscard]] static arc_challenge load(std::filesystem::path const& path, task_options const& options = {}) {
        return task_of_rows<arc_challenge>(path, options.limit, item_of);
    }
};

} // namespace qeval
