// Items with a fixed set of answers: the model does not write, it says how likely the text of each answer is. This is
// what all tasks of this kind share; a task adds its data and its prompt.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/engine/requests.hpp>
#include <qeval/eval/choice/joint_tokens.hpp>
#include <qeval/eval/data/published_set.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/prompt_frame.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/text_encoder.hpp>

namespace qeval {

// The number of characters of a UTF-8 text: of bytes that do not continue a character.
[[nodiscard]] inline index character_count(std::string_view text) {
    index n = 0;
    for (char c : text) n += (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
    return n;
}

struct best_choice {
    index chosen = 0;
    bool  tie    = false;
};
// The index of the largest value, of equal ones the lowest. NaN counts as minus infinity.
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

// An answer. The model is asked how likely `continuation` is behind the frame, the item's context and `before`.
struct ranked_option {
    std::string before, continuation; // before: a part of the context that only this option has
    index       characters = 0;       // of the answer's text; acc_norm divides by this number
    std::size_t delimiter  = 0;       // how much of `continuation` only stands between the prompt and the answer
};

struct ranked_item {
    std::string                id, group; // group: the subject; empty where the task has none
    std::size_t                frame = 0;
    std::string                context; // what all options have in common
    std::vector<ranked_option> options;
    index                      answer = 0; // from 0
    std::string                row{};      // of the data set, JSON

    // Of what the model reads, and which answer is right (published_set.hpp).
    [[nodiscard]] std::string mark() const {
        std::string const             right = std::to_string(answer);
        std::vector<std::string_view> texts{context};
        for (auto const& o : options) texts.insert(texts.end(), {o.before, o.continuation});
        std::erase(texts, std::string_view());
        texts.push_back(right);
        return item_mark(texts);
    }
    // Options that all stand behind the same prompt. `space` stands between both: lm-eval's target delimiter.
    static std::vector<ranked_option> of(std::vector<std::string> const& choices, std::string const& space = " ") {
        std::vector<ranked_option> options;
        for (auto const& c : choices) options.push_back({{}, space + c, character_count(c), space.size()});
        return options;
    }
};

enum class length_metric { none, per_character };

// acc: whether the right answer has the largest sum of log-likelihoods. acc_norm (length_metric::per_character):
// whether it has the largest sum divided by the characters of the answer.
template <length_metric Norm>
struct ranked_choices : whole_set {
    using request = score_request;

    std::vector<ranked_item>  items;
    std::vector<prompt_frame> frames = std::vector<prompt_frame>(1);
    std::string               data_sha256;
    data_facts                data;
    prompt_style              style;

    [[nodiscard]] static std::vector<metric_spec> metrics() {
        std::vector<metric_spec> m{{"acc", metric_kind::proportion, true}};
        if (Norm == length_metric::per_character) m.push_back({"acc_norm", metric_kind::proportion, true});
        return m;
    }
    [[nodiscard]] std::vector<std::optional<double>> chance() const { // the expected value of guessing, for each metric
        double sum = 0;
        for (ranked_item const& it : items) sum += 1 / static_cast<double>(it.options.size());
        return std::vector<std::optional<double>>(metrics().size(), sum / static_cast<double>(items.size()));
    }

    [[nodiscard]] question<score_request> ask(text_encoder& words, std::size_t i) const {
        return ask_behind(frames[items[i].frame].shots(), words, i);
    }
    [[nodiscard]] item_outcome judge(std::size_t i, std::span<score const> scores) const {
        ranked_item const&  it = items[i];
        item_outcome        o;
        std::vector<double> normed;
        for (std::size_t k = 0; k < scores.size(); ++k) {
            if (!scores[k].error.empty()) o.error = scores[k].error;
            o.log_likelihoods.push_back(scores[k].log_likelihood);
            o.greedy.push_back(scores[k].greedy);
            normed.push_back(scores[k].log_likelihood / static_cast<double>(it.options[k].characters));
        }
        o.id     = it.id;
        o.group  = it.group;
        o.target = it.answer;
        o.values.assign(metrics().size(), 0);
        if (!o.error.empty()) return o;
        auto const sum = best_of(o.log_likelihoods);
        o.chosen       = sum.chosen;
        o.tie          = sum.tie;
        o.correct      = o.chosen == o.target;
        o.values[0]    = o.correct ? 1 : 0;
        if (Norm == length_metric::per_character) o.values[1] = best_of(normed).chosen == o.target ? 1 : 0;
        return o;
    }
    [[nodiscard]] item_text text_of(std::size_t i) const {
        ranked_item const& it = items[i];
        item_text          t{it.row, std::to_string(it.answer), {}, {}, {}};
        for (auto const& o : it.options) {
            t.requests.push_back(
                {style.write(frames[it.frame], it.context + o.before).text, style.answer(o.continuation, o.delimiter)});
        }
        return t;
    }

protected:
    // Behind the first `shots` examples of its frame.
    [[nodiscard]] question<score_request> ask_behind(std::size_t shots, text_encoder& words, std::size_t i) const {
        ranked_item const&      it = items[i];
        question<score_request> q;
        shared_context          context;
        for (auto const& o : it.options) {
            auto t      = tokenize_jointly(words, style.write(frames[it.frame], shots, it.context + o.before),
                                           style.answer(o.continuation, o.delimiter), it.id, context);
            q.truncated = q.truncated || t.truncated;
            q.requests.push_back(std::move(t.request));
        }
        return q;
    }
};

} // namespace qeval
