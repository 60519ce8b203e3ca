// Multiple choice by log-likelihood: the model never writes, it says how likely each answer's text is.
#pragma once

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/engine/concepts.hpp>
#include <qeval/eval/data_file.hpp>
#include <qeval/eval/joint_tokens.hpp>
#include <qeval/eval/outcome.hpp>
#include <qeval/eval/question.hpp>
#include <qeval/eval/task_options.hpp>
#include <qeval/io/jsonl.hpp>

namespace qeval {

// Characters of a UTF-8 text: bytes that do not continue one.
[[nodiscard]] inline index character_count(std::string_view text) {
    index n = 0;
    for (char c : text) n += (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
    return n;
}

struct best_choice {
    index chosen = 0;
    bool  tie    = false;
};
// The largest value, the lowest index among equals; NaN is below everything.
[[nodiscard]] inline best_choice best_of(std::span<double const> values) {
    best_choice  best;
    double const none = -std::numeric_limits<double>::infinity();
    auto const   at   = [&](std::size_t i) { return std::isnan(values[i]) ? none : values[i]; };
    for (std::size_t i = 1; i < values.size(); ++i) {
        double const top = at(static_cast<std::size_t>(best.chosen));
        if (at(i) > top)
            best = {static_cast<index>(i), false};
        else if (at(i) == top)
            best.tie = true;
    }
    return best;
}

struct multiple_choice {
    static constexpr std::string_view name = "multiple_choice";
    static constexpr std::string_view file = "multiple_choice.jsonl";
    using request                          = score_request;

    struct item {
        std::string              id, context, question;
        std::vector<std::string> choices;
        index                    answer = 0; // from 0
    };
    std::vector<item> items;
    std::string       data_sha256;
    std::string       header; // worked examples, put before every prompt

    // Rows {"id", "context", "question", "choices": [text...], "answer": index from 0}.
    [[nodiscard]] static multiple_choice load(std::filesystem::path const& path, task_options const& options = {}) {
        auto const      data = read_data_file(path);
        multiple_choice task;
        task.data_sha256 = data.sha256;
        for_each_jsonl_line(data.bytes, data.name, [&](std::size_t, json_document const& row) {
            if (options.limit > 0 && std::ssize(task.items) == options.limit) return;
            item it{row.at("id").string(), row.at("context").string(), row.at("question").string(), {}, 0};
            row.at("choices").for_each_element(
                [&](std::size_t, json_value choice) { it.choices.push_back(choice.string()); });
            if (it.choices.size() < 2) row.at("choices").fail("at least two choices");
            it.answer = row.at("answer").integer(0, std::ssize(it.choices) - 1);
            task.items.push_back(std::move(it));
        });
        if (task.items.empty()) refuse_empty_data(data.name);
        return task;
    }

    [[nodiscard]] static std::vector<metric_spec> metrics() {
        return {{"acc", metric_kind::proportion, true}, {"acc_norm", metric_kind::proportion, true}};
    }

    [[nodiscard]] static std::string protocol() {
        return "log-likelihood of \" \" + choice after context + \"\\nQuestion: \" + question + \"\\nAnswer:\", joint "
               "tokenization (lm-eval); acc: largest sum, acc_norm: largest sum per character of the choice; 0 shots";
    }
    [[nodiscard]] std::vector<std::optional<double>> chance() const { // of guessing, for each metric
        double sum = 0;
        for (item const& it : items) sum += 1 / static_cast<double>(it.choices.size());
        return std::vector<std::optional<double>>(2, sum / static_cast<double>(items.size()));
    }
    [[nodiscard]] std::string prompt(item const& it) const {
        return header + it.context + "\nQuestion: " + it.question + "\nAnswer:";
    }

    template <engine E>
    [[nodiscard]] question<score_request> ask(E& engine, std::size_t i) const {
        question<score_request> q;
        for (auto const& choice : items[i].choices) {
            auto t      = tokenize_jointly(engine, prompt(items[i]), " " + choice, items[i].id);
            q.truncated = q.truncated || t.truncated;
            q.requests.push_back(std::move(t.request));
        }
        return q;
    }
    [[nodiscard]] item_outcome judge(std::size_t i, std::span<score const> scores) const {
        item const&         it = items[i];
        item_outcome        o;
        std::vector<double> normed;
        for (std::size_t k = 0; k < scores.size(); ++k) {
            if (!scores[k].error.empty()) o.error = scores[k].error;
            o.log_likelihoods.push_back(scores[k].log_likelihood);
            normed.push_back(scores[k].log_likelihood / static_cast<double>(character_count(it.choices[k])));
        }
        o.id     = it.id;
        o.target = it.answer;
        if (!o.error.empty()) {
            o.values = {0, 0};
            return o;
        }
        auto const sum = best_of(o.log_likelihoods), per_character = best_of(normed);
        o.chosen  = sum.chosen;
        o.tie     = sum.tie;
        o.correct = o.chosen == o.target;
        o.values  = {o.correct ? 1.0 : 0.0, per_character.chosen == o.target ? 1.0 : 0.0};
        return o;
    }
};

} // namespace qeval
