// A loaded task behind a plain interface, so that what runs tasks is compiled once for all of them. The counterpart of
// any_engine.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/data/published_set.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/eval/task/text_windows.hpp>

namespace qeval {

// What is known of a task when it is loaded.
struct task_facts {
    std::string                        name;     // in results
    std::string                        protocol; // its exact rule in words, with what its data are
    std::string                        data_sha256;
    data_facts                         data;      // what the files hold of what is published under the task's name
    index                              shots = 0; // worked examples before each item
    std::vector<metric_spec>           metrics;   // the first one is the headline
    std::vector<std::optional<double>> chance;    // of each metric: expected score of guessing; empty: of none
    // The category of a subject; null where items belong to no subjects.
    std::string_view (*category_of)(std::string_view subject) = nullptr;
};

// The items of a task that asks requests of one kind.
template <class Request>
class any_items {
public:
    using answers = std::span<answer_to<Request> const>; // to one item

    [[nodiscard]] virtual std::size_t       size() const                                  = 0;
    [[nodiscard]] virtual question<Request> ask(text_encoder& words, std::size_t i) const = 0;
    [[nodiscard]] virtual item_outcome      judge(std::size_t i, answers given) const     = 0;
    // Judges items that were asked together. given[k] are the answers to item items[k].
    [[nodiscard]] virtual std::vector<item_outcome> judge_all(std::span<std::size_t const> items,
                                                              std::span<answers const>     given) const {
        std::vector<item_outcome> outcomes;
        for (std::size_t k = 0; k < items.size(); ++k) outcomes.push_back(judge(items[k], given[k]));
        return outcomes;
    }

protected:
    ~any_items() = default; // a part of a task, which is destroyed as a whole
};

// A text under a perplexity protocol.
class any_text {
public:
    [[nodiscard]] virtual text_windows windows(any_engine& engine) const = 0;
    [[nodiscard]] virtual bool         has_divergence() const            = 0; // KL divergence is defined there
    [[nodiscard]] virtual bool         is_check() const                  = 0; // the protocol gives a verdict, too

protected:
    ~any_text() = default;
};

class any_task {
public:
    virtual ~any_task()                  = default;
    any_task(any_task const&)            = delete;
    any_task& operator=(any_task const&) = delete;

    [[nodiscard]] task_facts const& facts() const { return facts_; }

    // What the task is made of. One of these is there, the others are nullptr.
    [[nodiscard]] virtual any_items<score_request> const*    scored() const { return nullptr; }
    [[nodiscard]] virtual any_items<generate_request> const* written() const { return nullptr; }
    [[nodiscard]] virtual any_text const*                    text() const { return nullptr; }

    // Refuses (environment_error) where something is missing that the task needs besides its data.
    virtual void                                   make_ready() const              = 0;
    [[nodiscard]] virtual std::vector<set_part>    parts() const                   = 0; // none: not known
    [[nodiscard]] virtual std::optional<item_text> text_of(std::size_t item) const = 0;

protected:
    explicit any_task(task_facts facts) : facts_(std::move(facts)) {}

private:
    task_facts facts_;
};

using any_tasks = std::vector<std::unique_ptr<any_task const>>;

} // namespace qeval
