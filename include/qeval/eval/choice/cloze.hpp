// Cloze tasks in LAMBADA's layout: is the last word of a passage the one that the model would write?
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/engine/requests.hpp>
#include <qeval/eval/choice/joint_tokens.hpp>
#include <qeval/eval/data/item_ids.hpp>
#include <qeval/eval/data/item_rows.hpp>
#include <qeval/eval/data/published_sets.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/prompt_frame.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/io/json/json_document.hpp>

namespace qeval {

struct cloze : whole_set {
    static constexpr std::string_view name         = "cloze";
    static constexpr std::string_view file         = "cloze.jsonl";
    static constexpr task_option_set  used_options = worded_options.with(task_option::limit);
    using request                                  = score_request;

    struct item {
        std::string id, context, target; // target: a space and the last word
        std::string row{};               // of the data set, JSON

        [[nodiscard]] std::string mark() const { return item_mark({context + target}); }
    };
    prompt_frame      frame; // stands before every context
    std::vector<item> items;
    std::string       data_sha256;
    data_facts        data;
    prompt_style      style;

    // Reads rows {"text", "id"}. Without "id", the number of the row is its id.
    [[nodiscard]] static cloze load(std::filesystem::path const& path, task_options const& options = {}) {
        return load_as<cloze>(path, options);
    }
    template <class Task>
    [[nodiscard]] static Task load_as(std::filesystem::path const& path, task_options const& options) {
        return task_of_rows<Task>(path, options.limit, [](json_document const& row, item_ids& ids) -> item {
            std::string const text  = row.at("text").string();
            std::size_t const space = text.rfind(' ');
            if (space == text.npos || space + 1 == text.size())
                row.at("text").fail("words, the last one after a space");
            return {ids.of_or_number(row, "id"), text.substr(0, space), text.substr(space)};
        });
    }

    [[nodiscard]] static std::vector<metric_spec> metrics() {
        return {{"acc", metric_kind::proportion, true}, {"perplexity", metric_kind::exp_of_mean, false}};
    }

    [[nodiscard]] static std::string protocol() {
        return "lambada (lm-eval): context = all but the last word, target = space + last word, joint tokenization; "
               "acc: every "
               "target token is the argmax, perplexity: exp of the mean over items of -log p(target)";
    }
    [[nodiscard]] static std::vector<std::optional<double>> chance() { return {std::nullopt, std::nullopt}; }

    [[nodiscard]] question<score_request> ask(text_encoder& words, std::size_t i) const {
        item const& it = items[i];
        auto        t  = tokenize_jointly(words, style.write(frame, it.context), it.target, it.id);
        return {{std::move(t.request)}, t.truncated};
    }
    [[nodiscard]] item_text text_of(std::size_t i) const {
        item const& it = items[i];
        return {it.row, it.target, {{style.write(frame, it.context).text, it.target}}, {}, {}};
    }
    [[nodiscard]] item_outcome judge(std::size_t i, std::span<score const> scores) const {
        item_outcome o;
        o.id              = items[i].id;
        o.error           = scores[0].error;
        o.correct         = scores[0].greedy && o.error.empty();
        o.log_likelihoods = {scores[0].log_likelihood};
        o.greedy          = {scores[0].greedy};
        o.values          = {o.correct ? 1.0 : 0.0, -scores[0].log_likelihood};
        return o;
    }
};

// LAMBADA as GPT-2's authors published it: lm-eval's lambada_openai, version 1.0.
struct lambada_openai : cloze {
    static constexpr std::string_view name      = "lambada_openai";
    static constexpr std::string_view file      = "lambada/lambada_test.jsonl";
    static constexpr published_set    published = qeval::published::lambada_test;

    [[nodiscard]] static lambada_openai load(std::filesystem::path const& path, task_options const& options = {}) {
        return load_as<lambada_openai>(path, options);
    }
};

} // namespace qeval
