// HellaSwag (Zellers et al. 2019): which of four endings continues a text?
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/data/item_rows.hpp>
#include <qeval/eval/data/published_sets.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/text/unicode.hpp>

namespace qeval {

// Removes WikiHow's marks as lm-eval does: " [title]" becomes a full stop, other brackets are removed with the text in
// them (unless a line ends in between), and two spaces become one.
[[nodiscard]] inline std::string without_markup(std::string_view raw) {
    std::string text = replaced(std::string(stripped(raw)), " [title]", ". "), out;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t const close = text[at] == '[' ? text.find_first_of("]\n", at + 1) : text.npos;
        if (close != text.npos && text[close] == ']') {
            at = close + 1;
        } else {
            out += text[at++];
        }
    }
    return replaced(std::move(out), "  ", " ");
}

// lm-eval's hellaswag, version 1.0. Reads rows {"ctx_a", "ctx_b", "activity_label", "endings": [4], "label"}, as the
// authors have published them.
struct hellaswag : ranked_choices<length_metric::per_character> {
    static constexpr std::string_view name         = "hellaswag";
    static constexpr std::string_view file         = "hellaswag/hellaswag_val.jsonl";
    static constexpr published_set    published    = qeval::published::hellaswag_val;
    static constexpr task_option_set  used_options = worded_options.with(task_option::limit);

    [[nodiscard]] static hellaswag load(std::filesystem::path const& path, task_options const& options = {}) {
        return task_of_rows<hellaswag>(path, options.limit, [](json_document const& row, item_ids& ids) -> ranked_item {
            std::vector<std::string> endings;
            row.at("endings").for_each_element(
                [&](std::size_t, json_value ending) { endings.push_back(without_markup(ending.string())); });
            if (endings.size() < 2) row.at("endings").fail("at least two endings");
            std::string const context = row.at("activity_label").string() + ": " + row.at("ctx_a").string() + " " +
                                        capitalized(row.at("ctx_b").string());
            json_value const label  = row.at("label"); // a number; in Hugging Face's copy it is a text
            index const      last   = std::ssize(endings) - 1;
            index            answer = -1;
            if (label.is_string()) {
                for (index k = 0; k <= last; ++k) answer = label.string() == std::to_string(k) ? k : answer;
                if (answer < 0) label.fail("the number of an ending; the test split is published without");
            } else {
                answer = label.integer(0, last);
            }
            return {ids.number(row), {}, 0, without_markup(context), ranked_item::of(endings), answer};
        });
    }
    // lm-eval adds what it asks to the row.
    [[nodiscard]] item_text text_of(std::size_t i) const {
        item_text t    = ranked_choices::text_of(i);
        json      doc  = json_of(t.doc).value_or(json::object());
        doc["query"]   = items[i].context;
        doc["choices"] = json::array();
        for (auto const& o : items[i].options) doc["choices"].push_back(o.continuation.substr(1));
        doc["gold"] = items[i].answer;
        t.doc       = json_text(doc);
        return t;
    }
    [[nodiscard]] static std::string protocol() {
        return "lm-eval hellaswag 1.0: log-likelihood of \" \" + ending after activity and context, WikiHow's brackets "
               "removed, joint "
               "tokenization; acc: largest sum, acc_norm: largest sum per character of the ending; 0 shots";
    }
};

} // namespace qeval
