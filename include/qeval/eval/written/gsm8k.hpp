// GSM8K (Cobbe et al. 2021): arithmetic problems in words, which the model solves in writing. lm-eval's gsm8k,
// version 3.0.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/engine/requests.hpp>
#include <qeval/eval/data/item_rows.hpp>
#include <qeval/eval/data/published_sets.hpp>
#include <qeval/eval/data/python_random.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/prompt_frame.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/eval/task/prompt_text.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/eval/written/number_answer.hpp>
#include <qeval/eval/written/prompt_tokens.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/jsonl.hpp>

namespace qeval {

struct gsm8k : whole_set {
    static constexpr std::string_view name      = "gsm8k";
    static constexpr std::string_view file      = "gsm8k/test.jsonl"; // train.jsonl beside it has the worked examples
    static constexpr published_set    published = qeval::published::gsm8k_test;
    static constexpr task_option_set  used_options = worded_options.with(task_option::limit).with(task_option::shots);
    using request                                  = generate_request;

    struct row {
        std::string question, answer; // the answer ends with "#### 42"
        std::string text;             // JSON

        [[nodiscard]] std::string mark() const { return item_mark({question, answer}); }
    };
    struct item {
        std::string  id, question, answer;
        std::string  row;   // of the data set, JSON
        prompt_frame shown; // the worked examples before it
    };
    std::vector<item> items;
    std::string       data_sha256;
    data_facts        data;
    prompt_style      style;

    [[nodiscard]] static gsm8k load(std::filesystem::path const& path, task_options const& options = {}) {
        gsm8k task;
        task.shots_      = options.shots.value_or(5);
        auto const data  = read_data_file(path);
        auto       rows  = rows_of(data);
        task.set_size    = std::ssize(rows);
        task.data_sha256 = data.sha256;
        std::vector<row> examples;
        if (task.shots_ > 0) {
            auto const train = path.parent_path() / "train.jsonl";
            if (!std::filesystem::exists(train)) {
                throw file_error{
                    {"DS08", display_name(train), "no file", "the worked examples", "--num-fewshot 0 needs none"}};
            }
            auto const more  = read_data_file(train);
            examples         = rows_of(more);
            task.data_sha256 = sha256_hex(data.sha256 + more.sha256);
            if (std::ssize(examples) < task.shots_) {
                throw usage_error{{"EV09", "--num-fewshot", std::to_string(task.shots_),
                                   "at most " + std::to_string(examples.size()) + ", what " + more.name + " has", ""}};
            }
        }
        std::vector<std::string> marks, shown;
        for (auto const& r : rows) marks.push_back(r.mark());
        for (auto const& e : examples) shown.push_back(e.mark());
        task.data = with_leaks(facts_about(published, marks, data.sha256), leaks_in(marks, shown));
        keep_first(rows, options.limit);
        python_random draw(1234); // the seed of lm-eval's worked examples; all items draw from this one stream
        for (std::size_t i = 0; i < rows.size(); ++i) {
            prompt_frame before;
            if (task.shots_ > 0) {
                for (auto const k : draw.sample(static_cast<std::uint32_t>(examples.size()),
                                                static_cast<std::uint32_t>(task.shots_))) {
                    before.add({asked(examples[k].question), " ", examples[k].answer, "\n\n"});
                }
            }
            task.items.push_back(
                {std::to_string(i), asked(rows[i].question), rows[i].answer, rows[i].text, std::move(before)});
        }
        return task;
    }

    [[nodiscard]] static std::vector<metric_spec> metrics() {
        return {{"exact_match", metric_kind::proportion, true}, {"flexible_match", metric_kind::proportion, true}};
    }
    [[nodiscard]] static std::vector<std::optional<double>> chance() { return {std::nullopt, std::nullopt}; }
    [[nodiscard]] index                                     shots() const { return shots_; }

    [[nodiscard]] std::string protocol() const {
        return "lm-eval gsm8k 3.0: " + std::to_string(shots_) +
               " examples drawn from train for each item (seed 1234), greedy, at most 256 "
               "tokens up to \"Question:\", "
               "\"</s>\" or \"<|im_end|>\"; "
               "exact_match: the number after \"####\" (strict-match), "
               "flexible_match: the last number "
               "(flexible-extract)";
    }

    [[nodiscard]] question<generate_request> ask(text_encoder& words, std::size_t i) const {
        generate_request r;
        r.how.max_tokens = std::min<index>(256, std::max<index>(1, words.max_tokens() / 2));
        r.how.stops      = {"Question:", "</s>", "<|im_end|>"};
        r.how.document   = i;
        auto prompt      = tokenize_prompt(words, asked_of(i), r.how.max_tokens);
        r.prompt         = std::move(prompt.tokens);
        return {{std::move(r)}, prompt.truncated};
    }
    [[nodiscard]] item_text text_of(std::size_t i) const {
        return {items[i].row, items[i].answer, {{asked_of(i).text, {}}}, {}, {}};
    }
    [[nodiscard]] item_outcome judge(std::size_t i, std::span<generation const> texts) const {
        item_outcome o;
        o.id                    = items[i].id;
        o.answer                = texts[0].text;
        o.error                 = error_of(texts[0]);
        std::string const gold  = comparable_number(items[i].answer);
        auto const        right = [&](std::optional<std::string> const& found) {
            return o.error.empty() && comparable_number(found.value_or("[invalid]")) == gold;
        };
        o.correct = right(marked_number(o.answer));
        o.values  = {o.correct ? 1.0 : 0.0, right(last_number(o.answer)) ? 1.0 : 0.0};
        return o;
    }

private:
    static std::string        asked(std::string const& question) { return "Question: " + question + "\nAnswer:"; }
    [[nodiscard]] prompt_text asked_of(std::size_t i) const { return style.write(items[i].shown, items[i].question); }
    static std::vector<row>   rows_of(data_file const& data) {
          std::vector<row> rows;
          for_each_jsonl_line(data.bytes, data.name, [&](std::size_t, json_document const& line) {
            std::string const& answer = line.at("answer").string();
            if (answer.find("#### ") == answer.npos || comparable_number(answer).empty())
                line.at("answer").fail("an answer that ends with \"#### \" and a number");
            rows.push_back({line.at("question").string(), answer, std::string(line.text())});
        });
          if (rows.empty()) refuse_empty_data(data.name);
        return rows;
    }

    index shots_ = 5;
};

} // namespace qeval
