// The interface of a task. A new task is one struct; eval/builtin_tasks.hpp lists the tasks that qeval brings.
#pragma once

#include <concepts>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/data/published_set.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/eval/task/protocol.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/task/text_encoder.hpp>

namespace qeval {

template <class T>
concept task = requires(T const& t, std::filesystem::path const& path, task_options const& options) {
    { T::name } -> std::convertible_to<std::string_view>; // on the command line
    { T::file } -> std::convertible_to<std::string_view>; // looked for under --data
    { T::load(path, options) } -> std::same_as<T>;
    { t.protocol() } -> std::same_as<std::string>;             // its exact rule, with every constant
    { t.metrics() } -> std::same_as<std::vector<metric_spec>>; // the first one is the headline
    { t.data_sha256 } -> std::convertible_to<std::string>;
    { T::used_options } -> std::convertible_to<task_option_set>; // of task_options; the others mean nothing to it
};

template <class Request>
using answer_to = std::conditional_t<std::is_same_v<Request, score_request>, score, generation>;

// A task of items, each of which is asked and judged by itself.
template <class T>
concept item_task = task<T> &&
    requires(T const& t, text_encoder& words, std::size_t i, std::span<answer_to<typename T::request> const> answers) {
    { t.items.size() } -> std::convertible_to<std::size_t>;
    { t.ask(words, i) } -> std::same_as<question<typename T::request>>;
    { t.judge(i, answers) } -> std::same_as<item_outcome>;
    { t.chance() } -> std::same_as<std::vector<std::optional<double>>>;
};

// A task that measures a text under a perplexity protocol.
template <class T>
concept text_task = task<T> && perplexity_protocol<typename T::protocol_type>;

// The following concepts name what a task may have beside that.

// The task has a name of its own in results: that of its declaration's file, not that of its type.
template <class T>
concept has_title = requires(T const& t) {
    { t.title } -> std::convertible_to<std::string_view>;
};
// t.shots() worked examples stand before each item.
template <class T>
concept has_shots = requires(T const& t) {
    { t.shots() } -> std::same_as<index>;
};
// t.data says what the files hold of what is published under the task's name.
template <class T>
concept knows_its_data = requires(T const& t) {
    { t.data } -> std::convertible_to<data_facts>;
};
// Items belong to subjects (item_outcome::group), and subjects to categories. Results are given for each of both, too.
template <class T>
concept has_subjects = requires(std::string_view subject) {
    { T::category_of(subject) } -> std::convertible_to<std::string_view>;
};
// How its prompts are put; task_list sets it from the options.
template <class T>
concept has_style = requires(T& t) {
    { t.style } -> std::same_as<prompt_style&>;
};
// The task judges many items in one call, because that is quicker than one after the other.
template <class T>
concept judges_together = requires(T const& t, std::span<std::size_t const> items,
                                   std::span<std::span<answer_to<typename T::request> const> const> answers) {
    { t.judge_all(items, answers) } -> std::same_as<std::vector<item_outcome>>;
};
// The task needs more than its data: t.make_ready() refuses (environment_error) where that is not there. It is called
// when the data of all tasks has been read, before any work.
template <class T>
concept is_made_ready = requires(T const& t) {
    t.make_ready();
};
// The data may lie in another file than T::file: in the first file of T::elsewhere that exists below --data.
template <class T>
concept has_other_files = requires {
    {std::span<std::string_view const>(T::elsewhere)};
};

// With the style that the options ask for.
template <class T>
[[nodiscard]] T styled(T t, task_options const& options) {
    if constexpr (has_style<T>) t.style = options.style;
    return t;
}

// The task can be made from a declaration (NAME.task.json, eval/declared/) whose kind is T::kind.
template <class T, class Declaration>
concept declarable = task<T> && requires(Declaration const& d, task_options const& options) {
    { T::kind == d.kind } -> std::convertible_to<bool>;
    { T::of(d, options) } -> std::same_as<T>;
};

} // namespace qeval
