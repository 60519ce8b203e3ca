// Winogrande (Sakaguchi et al. 2020): which of two names fills the gap of a sentence?
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/data/item_ids.hpp>
#include <qeval/eval/data/item_rows.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/io/json/json_document.hpp>

namespace qeval {

// lm-eval's winogrande, version 1.0 (partial evaluation): with each name in the gap, how likely is what follows the
// gap? Reads rows {"sentence" with one "_", "option1", "option2", "answer": "1" or "2"}, as in the published train_xl
// and dev files.
struct winogrande : ranked_choices<length_metric::none> {
    static constexpr std::string_view name         = "winogrande";
    static constexpr std::string_view file         = "winogrande/dev.jsonl";
    static constexpr task_option_set  used_options = worded_options.with(task_option::limit);

    [[nodiscard]] static winogrande load(std::filesystem::path const& path, task_options const& options = {}) {
        return task_of_rows<winogrande>(path, options.limit, [](json_document const& row, item_ids& ids) {
            std::string const sentence = row.at("sentence").string(), answer = row.at("answer").string();
            std::size_t const gap = sentence.find('_');
            if (gap == sentence.npos) row.at("sentence").fail("a gap, \"_\"");
            if (answer != "1" && answer != "2")
                row.at("answer").fail("\"1\" or \"2\"; the test split is published without");
            std::string const rest = " " + std::string(stripped(std::string_view(sentence).substr(gap + 1)));
            ranked_item       it{ids.of_or_number(row, "qID"), {}, 0, {}, {}, answer == "2"};
            for (char const* option : {"option1", "option2"}) {
                it.options.push_back(
                    {sentence.substr(0, gap) + row.at(option).string(), rest, character_count(rest) - 1, 1});
            }
            return it;
        });
    }
    [[nodiscard]] item_text text_of(std::size_t i) const {
        item_text t = ranked_choices::text_of(i);
        t.target    = items[i].options[0].continuation.substr(1); // whoever is meant
        return t;
    }
    [[nodiscard]] static std::string protocol() {
        return "lm-eval winogrande 1.0: log-likelihood of what follows the gap, after the sentence filled with each "
               "name, joint "
               "tokenization; largest sum; 0 shots";
    }
};

} // namespace qeval
