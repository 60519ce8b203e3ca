// Makes an any_task of a task.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/data/published_set.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/protocol.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/eval/task/text_windows.hpp>

namespace qeval {

template <task T>
[[nodiscard]] task_facts task_facts_of(T const& t) {
    task_facts facts;
    facts.protocol    = t.protocol();
    facts.data_sha256 = t.data_sha256;
    facts.metrics     = t.metrics();
    if constexpr (has_title<T>) {
        facts.name = t.title;
    } else {
        facts.name = T::name;
    }
    if constexpr (knows_its_data<T>) {
        facts.data = t.data;
        if (facts.data.kind != data_kind::no_set) facts.protocol += "; data: " + facts.data.words;
    }
    if constexpr (has_style<T>) facts.protocol += t.style.words();
    if constexpr (has_shots<T>) facts.shots = t.shots();
    if constexpr (item_task<T>) facts.chance = t.chance();
    if constexpr (has_subjects<T>)
        facts.category_of = [](std::string_view subject) -> std::string_view { return T::category_of(subject); };
    return facts;
}

// What a task need not have.
template <task T>
void make_ready(T const& t) {
    if constexpr (is_made_ready<T>) t.make_ready();
}
template <task T>
[[nodiscard]] std::vector<set_part> parts_of(T const& t) {
    if constexpr (knows_its_set<T>) {
        return t.parts();
    } else {
        return {};
    }
}
template <task T>
[[nodiscard]] std::optional<item_text> text_of(T const& t, std::size_t item) {
    if constexpr (tells_texts<T>) {
        return t.text_of(item);
    } else {
        return std::nullopt;
    }
}

// Holds a T of its own, or (Held = T const&) one that outlives it.
template <item_task T, class Held = T>
class items_as final : public any_task, public any_items<typename T::request> {
    using request = typename T::request;

public:
    using answers = typename any_items<request>::answers;

    explicit items_as(Held&& t) : any_task(task_facts_of<T>(t)), task_(std::forward<Held>(t)) {}

    [[nodiscard]] any_items<score_request> const*    scored() const override { return here_if<score_request>(); }
    [[nodiscard]] any_items<generate_request> const* written() const override { return here_if<generate_request>(); }

    void                                   make_ready() const override { qeval::make_ready<T>(task_); }
    [[nodiscard]] std::vector<set_part>    parts() const override { return parts_of<T>(task_); }
    [[nodiscard]] std::optional<item_text> text_of(std::size_t i) const override { return qeval::text_of<T>(task_, i); }

    [[nodiscard]] std::size_t       size() const override { return task_.items.size(); }
    [[nodiscard]] question<request> ask(text_encoder& words, std::size_t i) const override {
        return task_.ask(words, i);
    }
    [[nodiscard]] item_outcome judge(std::size_t i, answers given) const override { return task_.judge(i, given); }
    [[nodiscard]] std::vector<item_outcome> judge_all(std::span<std::size_t const> items,
                                                      std::span<answers const>     given) const override {
        if constexpr (judges_together<T>) {
            return task_.judge_all(items, given);
        } else {
            return any_items<request>::judge_all(items, given);
        }
    }

private:
    template <class Request>
    [[nodiscard]] any_items<Request> const* here_if() const {
        if constexpr (std::same_as<Request, request>) {
            return this;
        } else {
            return nullptr;
        }
    }

    Held task_;
};

template <text_task T>
class text_as final : public any_task, public any_text {
public:
    explicit text_as(T&& t) : any_task(task_facts_of(t)), task_(std::move(t)) {}

    [[nodiscard]] any_text const* text() const override { return this; }

    void                                   make_ready() const override { qeval::make_ready(task_); }
    [[nodiscard]] std::vector<set_part>    parts() const override { return parts_of(task_); }
    [[nodiscard]] std::optional<item_text> text_of(std::size_t i) const override { return qeval::text_of(task_, i); }

    [[nodiscard]] text_windows windows(any_engine& engine) const override { return task_.windows(engine); }
    [[nodiscard]] bool         has_divergence() const override { return T::protocol_type::has_divergence; }
    [[nodiscard]] bool         is_check() const override { return pass_fail_protocol<typename T::protocol_type>; }

private:
    T task_;
};

template <task T>
[[nodiscard]] std::unique_ptr<any_task const> any_task_of(T t) {
    if constexpr (text_task<T>) {
        return std::make_unique<text_as<T> const>(std::move(t));
    } else {
        return std::make_unique<items_as<T> const>(std::move(t));
    }
}
template <task... Ts>
[[nodiscard]] any_tasks any_tasks_of(Ts... tasks) {
    any_tasks all;
    (all.push_back(any_task_of(std::move(tasks))), ...);
    return all;
}

} // namespace qeval
