// Items that a model answers in writing, greedily, and whose text is compared with the answer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/engine/requests.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/declared/task_declaration.hpp>
#include <qeval/eval/exam/one_token_answers.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/prompt_frame.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/eval/written/number_answer.hpp>
#include <qeval/eval/written/prompt_tokens.hpp>

namespace qeval {

struct compared_texts : whole_set {
    using request = generate_request;

    struct item {
        std::string id, prompt, answer; // answer: as it is compared
        index       target = -1;        // first_letter
        std::string row{};              // of the data set, JSON
    };
    prompt_frame             frame;
    std::vector<item>        items;
    std::string              data_sha256;
    prompt_style             style;
    answer_match             match      = answer_match::exact;
    index                    max_tokens = 0;
    std::vector<std::string> stops;

    [[nodiscard]] std::string rule() const { // in words
        switch (match) {
        case answer_match::number:
            return "number_match: its last number equals the answer's, commas, dollar signs and a full stop aside";
        case answer_match::first_letter:
            return "acc: the first of A to D in it is the answer";
        case answer_match::exact:
            break;
        }
        return "exact_match: it equals the answer, white space around both aside";
    }

    [[nodiscard]] std::vector<metric_spec> metrics() const {
        char const* const names[] = {"exact_match", "number_match", "acc"};
        return {{names[static_cast<int>(match)], metric_kind::proportion, true}};
    }
    [[nodiscard]] std::vector<std::optional<double>> chance() const {
        return {match == answer_match::first_letter ? std::optional(0.25) : std::nullopt};
    }

    [[nodiscard]] question<generate_request> ask(text_encoder& words, std::size_t i) const {
        generate_request r;
        r.how.max_tokens = std::min<index>(max_tokens, std::max<index>(1, words.max_tokens() / 2));
        r.how.stops      = stops;
        r.how.document   = i;
        auto prompt      = tokenize_prompt(words, style.write(frame, items[i].prompt), r.how.max_tokens);
        r.prompt         = std::move(prompt.tokens);
        return {{std::move(r)}, prompt.truncated};
    }
    [[nodiscard]] item_text text_of(std::size_t i) const {
        item const& it = items[i];
        return {it.row, it.answer, {{style.write(frame, it.prompt).text, {}}}, {}, {}};
    }
    [[nodiscard]] item_outcome judge(std::size_t i, std::span<generation const> texts) const {
        item_outcome o;
        o.id     = items[i].id;
        o.target = items[i].target;
        o.answer = texts[0].text;
        o.error  = error_of(texts[0]);
        if (!o.error.empty()) {
            o.correct = false;
        } else if (match == answer_match::first_letter) {
            o.chosen  = answer_letter(o.answer);
            o.correct = o.chosen == o.target;
        } else if (match == answer_match::number) {
            auto const number = last_number(o.answer);
            o.correct         = number && comparable_number(*number) == items[i].answer;
        } else {
            o.correct = stripped(o.answer) == items[i].answer;
        }
        o.values = {o.correct ? 1.0 : 0.0};
        return o;
    }
};

} // namespace qeval
