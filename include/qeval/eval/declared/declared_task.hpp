// Tasks read from NAME.task.json, one struct for each kind. Their name in results is `title`; `name` is that of the
// kind.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/engine/requests.hpp>
#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/declared/declared_rows.hpp>
#include <qeval/eval/declared/task_declaration.hpp>
#include <qeval/eval/exam/one_token_answers.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/eval/written/number_answer.hpp>
#include <qeval/eval/written/prompt_tokens.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/json_value.hpp>

namespace qeval {

// kind "multiple_choice": the likelihood of each choice's text.
struct declared_choices : ranked_choices<length_metric::per_character> {
    static constexpr std::string_view name = "declared_choices";
    static constexpr std::string_view file = "NAME.task.json";
    static constexpr declared_kind    kind = declared_kind::multiple_choice;
    std::string                       title;

    [[nodiscard]] static declared_choices load(std::filesystem::path const& path, task_options const& options = {}) {
        return of(declared::read(path, kind, name), options);
    }
    [[nodiscard]] static declared_choices of(task_declaration const& d, task_options const& options) {
        declared::reader rows(d, options);
        declared_choices task;
        task.title     = d.name;
        task.frames[0] = rows.frame([&](json_value row) {
            auto const choices = declared::choices_of(row, d);
            return d.prompt.fill(row) + d.delimiter +
                   choices[static_cast<std::size_t>(declared::answer_of(row, d, choices))];
        });
        rows.items([&](std::string id, json_value row) {
            auto const choices = declared::choices_of(row, d);
            task.items.push_back({std::move(id),
                                  {},
                                  0,
                                  d.prompt.fill(row),
                                  ranked_item::of(choices, d.delimiter),
                                  declared::answer_of(row, d, choices)});
        });
        task.data_sha256 = rows.sha256();
        task.shots_      = rows.shots();
        task.protocol_ =
            rows.protocol("log-likelihood of " + declared::reader::in_quotes(d.delimiter) + " + choice",
                          "joint tokenization; acc: largest sum, acc_norm: largest sum per character of the choice");
        return task;
    }
    [[nodiscard]] index       shots() const { return shots_; }
    [[nodiscard]] std::string protocol() const { return protocol_; }

private:
    index       shots_ = 0;
    std::string protocol_;
};

// kind "cloze": how likely is the answer's text, and is each of its tokens the most likely one?
struct declared_cloze : cloze {
    static constexpr std::string_view name = "declared_cloze";
    static constexpr std::string_view file = "NAME.task.json";
    static constexpr declared_kind    kind = declared_kind::cloze;
    std::string                       title;

    [[nodiscard]] static declared_cloze load(std::filesystem::path const& path, task_options const& options = {}) {
        return of(declared::read(path, kind, name), options);
    }
    [[nodiscard]] static declared_cloze of(task_declaration const& d, task_options const& options) {
        declared::reader rows(d, options);
        declared_cloze   task;
        task.title = d.name;
        task.frame = rows.frame(
            [&](json_value row) { return d.prompt.fill(row) + d.delimiter + declared::filled(row, d.answer); });
        rows.items([&](std::string id, json_value row) {
            task.items.push_back({std::move(id), d.prompt.fill(row), d.delimiter + declared::filled(row, d.answer)});
        });
        task.data_sha256 = rows.sha256();
        task.shots_      = rows.shots();
        task.protocol_   = rows.protocol("log-likelihood of " + declared::reader::in_quotes(d.delimiter) + " + answer",
                                         "joint tokenization; acc: every token of it is the argmax, perplexity: exp of "
                                           "the mean over items of -log p");
        return task;
    }
    [[nodiscard]] index       shots() const { return shots_; }
    [[nodiscard]] std::string protocol() const { return protocol_; }

private:
    index       shots_ = 0;
    std::string protocol_;
};

// kind "generate": what the model writes, greedily, compared with the answer.
struct declared_texts {
    static constexpr std::string_view name = "declared_texts";
    static constexpr std::string_view file = "NAME.task.json";
    static constexpr declared_kind    kind = declared_kind::generate;
    using request                          = generate_request;

    struct item {
        std::string id, prompt, answer; // answer: as it is compared
        index       target = -1;        // first_letter
    };
    prompt_frame      frame;
    std::vector<item> items;
    std::string       data_sha256, title;

    [[nodiscard]] static declared_texts load(std::filesystem::path const& path, task_options const& options = {}) {
        return of(declared::read(path, kind, name), options);
    }
    [[nodiscard]] static declared_texts of(task_declaration const& d, task_options const& options) {
        declared::reader rows(d, options);
        declared_texts   task;
        task.title       = d.name;
        task.match_      = d.match;
        task.stops_      = d.stops;
        task.max_tokens_ = d.max_tokens;
        task.frame       = rows.frame(
            [&](json_value row) { return d.prompt.fill(row) + d.delimiter + declared::filled(row, d.answer); });
        rows.items([&](std::string id, json_value row) {
            task.items.push_back(item_of(std::move(id), d.prompt.fill(row), row, d));
        });
        std::string stops;
        for (auto const& s : d.stops) stops.append(stops.empty() ? "" : ", ").append(declared::reader::in_quotes(s));
        task.data_sha256 = rows.sha256();
        task.shots_      = rows.shots();
        task.protocol_   = rows.protocol("greedy text of at most " + std::to_string(d.max_tokens) + " tokens" +
                                             (stops.empty() ? "" : " up to " + stops),
                                         rule_of(d.match));
        return task;
    }
    [[nodiscard]] index                    shots() const { return shots_; }
    [[nodiscard]] std::string              protocol() const { return protocol_; }
    [[nodiscard]] std::vector<metric_spec> metrics() const {
        char const* const names[] = {"exact_match", "number_match", "acc"};
        return {{names[static_cast<int>(match_)], metric_kind::proportion, true}};
    }
    [[nodiscard]] std::vector<std::optional<double>> chance() const {
        return {match_ == answer_match::first_letter ? std::optional(0.25) : std::nullopt};
    }

    [[nodiscard]] question<generate_request> ask(text_encoder& words, std::size_t i) const {
        generate_request r;
        r.how.max_tokens = std::min<index>(max_tokens_, std::max<index>(1, words.max_tokens() / 2));
        r.how.stops      = stops_;
        r.how.document   = i;
        auto prompt      = tokenize_prompt(words, std::string(frame.text()) + items[i].prompt, r.how.max_tokens);
        r.prompt         = std::move(prompt.tokens);
        return {{std::move(r)}, prompt.truncated};
    }
    [[nodiscard]] item_outcome judge(std::size_t i, std::span<generation const> texts) const {
        item_outcome o;
        o.id     = items[i].id;
        o.target = items[i].target;
        o.answer = texts[0].text;
        if (texts[0].finish.starts_with("error")) {
            o.error = texts[0].finish;
        } else if (match_ == answer_match::first_letter) {
            o.chosen  = answer_letter(o.answer);
            o.correct = o.chosen == o.target;
        } else if (match_ == answer_match::number) {
            auto const number = last_number(o.answer);
            o.correct         = number && comparable_number(*number) == items[i].answer;
        } else {
            o.correct = stripped(o.answer) == items[i].answer;
        }
        o.values = {o.correct ? 1.0 : 0.0};
        return o;
    }

private:
    static item item_of(std::string id, std::string prompt, json_value row, task_declaration const& d) {
        static std::vector<std::string> const letters = {"A", "B", "C", "D"};
        std::string const                     answer  = declared::filled(row, d.answer);
        item                                  it{std::move(id), std::move(prompt), std::string(stripped(answer))};
        if (d.match == answer_match::first_letter) it.target = declared::answer_of(row, d, letters);
        if (d.match == answer_match::number) {
            it.answer = comparable_number(answer);
            if (last_number(it.answer) != it.answer)
                declared::place_of(row, d.answer).refuse(qeval::quoted(answer), "a number", "", "DT06");
        }
        return it;
    }
    static std::string rule_of(answer_match match) {
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

    answer_match             match_      = answer_match::exact;
    index                    max_tokens_ = 0, shots_ = 0;
    std::vector<std::string> stops_;
    std::string              protocol_;
};

// Does the name of a task, as given to --tasks, mean a file below `folder`?
[[nodiscard]] inline std::optional<std::filesystem::path> find_declaration(std::string_view             name,
                                                                           std::filesystem::path const& folder) {
    std::filesystem::path path = name.ends_with(task_declaration::ending)
                                     ? std::filesystem::path(name)
                                     : folder / (std::string(name) + std::string(task_declaration::ending));
    return std::filesystem::is_regular_file(path) ? std::optional(std::move(path)) : std::nullopt;
}

// The task as a variant of the list's; a name that one of the list has is refused, since results and stores go by
// names.
template <class Tasks>
[[nodiscard]] typename Tasks::any load_declared_task(std::filesystem::path const& path,
                                                     task_options const&          options = {}) {
    auto const d     = task_declaration::read(path);
    auto const names = Tasks::names();
    if (std::find(names.begin(), names.end(), d.name) != names.end()) {
        throw file_error{{"DT03", display_name(path) + ", name", qeval::quoted(d.name),
                          "a name that no task of qeval's own has", ""}};
    }
    std::optional<typename Tasks::any> task;
    Tasks::for_each([&]<class T>() {
        if constexpr (declarable<T, task_declaration>) {
            if (T::kind == d.kind) task.emplace(T::of(d, options));
        }
    });
    if (!task)
        throw internal_error{{"DT08", display_name(path), "a kind that the list of tasks does not have",
                              "declared_choices, declared_cloze and declared_texts in it", ""}};
    return std::move(*task);
}

} // namespace qeval
