// The tasks that NAME.task.json declares: one struct for each kind. In results their name is `title`; `name` is that of
// the kind.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/declared/compared_texts.hpp>
#include <qeval/eval/declared/declared_rows.hpp>
#include <qeval/eval/declared/task_declaration.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/erased_task.hpp>
#include <qeval/eval/task/prompt_frame.hpp>
#include <qeval/eval/task/task.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/written/number_answer.hpp>
#include <qeval/io/json/json_value.hpp>

namespace qeval {

// What tasks of all kinds share. Items: what items are, and how they are judged. A kind says how it takes its items
// from the rows, what it asks behind the prompt (`asked`, in words), and how the answer counts (`rule`).
template <class Task, declared_kind Kind, class Items>
struct declared_items : Items {
    static constexpr std::string_view file         = "NAME.task.json";
    static constexpr declared_kind    kind         = Kind;
    static constexpr task_option_set  used_options = worded_options.with(task_option::limit).with(task_option::shots);
    std::string                       title;

    [[nodiscard]] static Task load(std::filesystem::path const& path, task_options const& options = {}) {
        return of(declared::read(path, Kind, Task::name), options);
    }
    [[nodiscard]] static Task of(task_declaration const& d, task_options const& options) {
        declared::reader rows(d, options);
        Task             task;
        task.take(rows, d);
        task.title       = d.name;
        task.data_sha256 = rows.sha256();
        task.set_size    = rows.count();
        task.shots_      = rows.shots();
        for (std::size_t i = 0; i < task.items.size(); ++i) task.items[i].row = rows.texts()[i];
        task.protocol_ = rows.protocol(task.asked(d), task.rule());
        return task;
    }
    [[nodiscard]] index       shots() const { return shots_; }
    [[nodiscard]] std::string protocol() const { return protocol_; }

private:
    index       shots_ = 0;
    std::string protocol_;
};

// The kind "multiple_choice": how likely is the text of each choice?
struct declared_choices
    : declared_items<declared_choices, declared_kind::multiple_choice, ranked_choices<length_metric::per_character>> {
    static constexpr std::string_view name = "declared_choices";

    void take(declared::reader& rows, task_declaration const& d) {
        frames[0] = rows.frame([&](json_value row) {
            auto const choices = declared::choices_of(row, d);
            return shown_example{d.prompt.fill(row),
                                 d.delimiter,
                                 choices[static_cast<std::size_t>(declared::answer_of(row, d, choices))],
                                 {}};
        });
        rows.items([&](std::string id, json_value row) {
            auto const choices = declared::choices_of(row, d);
            items.push_back({std::move(id),
                             {},
                             0,
                             d.prompt.fill(row),
                             ranked_item::of(choices, d.delimiter),
                             declared::answer_of(row, d, choices)});
        });
    }
    [[nodiscard]] static std::string asked(task_declaration const& d) {
        return "log-likelihood of " + declared::in_quotes(d.delimiter) + " + choice";
    }
    [[nodiscard]] static std::string rule() {
        return "joint tokenization; acc: largest sum, acc_norm: largest sum per character of the choice";
    }
};

// The kind "cloze": how likely is the text of the answer, and is each of its tokens the most likely one?
struct declared_cloze : declared_items<declared_cloze, declared_kind::cloze, cloze> {
    static constexpr std::string_view name = "declared_cloze";

    void take(declared::reader& rows, task_declaration const& d) {
        frame = rows.frame([&](json_value row) { return declared::answered(row, d); });
        rows.items([&](std::string id, json_value row) {
            items.push_back({std::move(id), d.prompt.fill(row), d.delimiter + declared::filled(row, d.answer)});
        });
    }
    [[nodiscard]] static std::string asked(task_declaration const& d) {
        return "log-likelihood of " + declared::in_quotes(d.delimiter) + " + answer";
    }
    [[nodiscard]] static std::string rule() {
        return "joint tokenization; acc: every token of it is the argmax, perplexity: exp of the mean over items of "
               "-log p";
    }
};

// The kind "generate": the text that the model writes greedily is compared with the answer.
struct declared_texts : declared_items<declared_texts, declared_kind::generate, compared_texts> {
    static constexpr std::string_view name = "declared_texts";

    void take(declared::reader& rows, task_declaration const& d) {
        match      = d.match;
        stops      = d.stops;
        max_tokens = d.max_tokens;
        frame      = rows.frame([&](json_value row) { return declared::answered(row, d); });
        rows.items([&](std::string id, json_value row) {
            items.push_back(item_of(std::move(id), d.prompt.fill(row), row, d));
        });
    }
    [[nodiscard]] static std::string asked(task_declaration const& d) {
        std::string stops;
        for (auto const& s : d.stops) stops.append(stops.empty() ? " up to " : ", ").append(declared::in_quotes(s));
        return "greedy text of at most " + std::to_string(d.max_tokens) + " tokens" + stops;
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
};

// The file that the name of a task, as it is given to --tasks, means: itself, if it ends in ".task.json", or else
// NAME.task.json in `folder`. nullopt where there is no such file.
[[nodiscard]] inline std::optional<std::filesystem::path> find_declaration(std::string_view             name,
                                                                           std::filesystem::path const& folder) {
    std::filesystem::path path = name.ends_with(task_declaration::ending)
                                     ? std::filesystem::path(name)
                                     : folder / (std::string(name) + std::string(task_declaration::ending));
    return std::filesystem::is_regular_file(path) ? std::optional(std::move(path)) : std::nullopt;
}

// What the task that a declaration makes uses of task_options.
template <class Tasks>
[[nodiscard]] task_option_set used_options_of_declared(std::filesystem::path const& path) {
    auto const      d = task_declaration::read(path);
    task_option_set used{};
    Tasks::for_each([&]<class T>() {
        if constexpr (declarable<T, task_declaration>) {
            if (T::kind == d.kind) used = T::used_options;
        }
    });
    return used;
}

// Reads the declaration and makes the task of it, of a kind that the list has. A name that a task of the list has is
// refused (file_error DT03), since results and stores know tasks by their names.
template <class Tasks>
[[nodiscard]] std::unique_ptr<any_task const> load_declared_task(std::filesystem::path const& path,
                                                                 task_options const&          options = {}) {
    auto const d     = task_declaration::read(path);
    auto const names = Tasks::names();
    if (std::find(names.begin(), names.end(), d.name) != names.end()) {
        throw file_error{{"DT03", display_name(path) + ", name", qeval::quoted(d.name),
                          "a name that no task of qeval's own has", ""}};
    }
    std::unique_ptr<any_task const> task;
    Tasks::for_each([&]<class T>() {
        if constexpr (declarable<T, task_declaration>) {
            if (T::kind == d.kind) task = any_task_of(styled(T::of(d, options), options));
        }
    });
    if (!task)
        throw internal_error{{"DT08", display_name(path), "a kind that the list of tasks does not have",
                              "declared_choices, declared_cloze and declared_texts in it", ""}};
    return task;
}

} // namespace qeval
