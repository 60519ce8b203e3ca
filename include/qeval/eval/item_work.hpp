// A task of items in the course of an evaluation.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/stopwatch.hpp>
#include <qeval/eval/store/outcome_memory.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task.hpp>
#include <qeval/eval/task/task_name.hpp>
#include <qeval/eval/task_work.hpp>

namespace qeval {

template <item_task T>
class item_work final : public task_work {
public:
    item_work(T const& task, any_engine& engine, evaluation_frame const& frame)
        : task_(&task), frame_(&frame), questions_(ask_all(engine, task)) {
        auto const& shard = frame.options.shard;
        first_ = shard.first(std::ssize(questions_)), last_ = shard.last(std::ssize(questions_));
    }

    [[nodiscard]] bool knows(std::size_t row) const override {
        for (index i = first_; i < last_; ++i) {
            if (!recalled(row, i)) return false;
        }
        return true;
    }

    void run(std::size_t row, any_engine& engine, scheme_scores& scores, scheme_run& log) override {
        stopwatch const time;
        index           tokens   = 0;
        auto const      headline = task_->metrics()[0];
        auto const      recall   = [&](std::size_t i) { return recalled(row, first_ + static_cast<index>(i)); };
        double          sum      = 0; // of the headline's values, items before `summed`
        std::size_t     summed   = 0;
        auto const      keep     = [&](std::span<std::size_t const> items, std::span<item_outcome const> outcomes) {
            put(row, items, outcomes);
            if (!frame_->options.answered) return;
            for (std::size_t const i : items) {
                for (; summed <= i; ++summed) sum += outcomes[summed].values[0];
                frame_->options.answered({scores.scheme, name_of_task(*task_), first_ + static_cast<index>(i),
                                          std::ssize(questions_), &outcomes[i], &headline,
                                          sum / static_cast<double>(summed)});
            }
        };
        auto outcomes = answer_all(engine, *task_, asked(), first_, frame_->options.batch_items, recall, keep,
                                   [&](std::span<item_outcome const> done, index more) {
                                       tokens += more;
                                       auto const score = score_metric(headline, metric_values(done, 0)).score.value;
                                       frame_->report({scores.scheme, name_of_task(*task_), "items", std::ssize(done),
                                                       last_ - first_, headline.name, score, time.seconds()});
                                   });
        log.speed.push_back({std::string(name_of_task(*task_)), tokens, time.seconds()});
        if (frame_->options.shard.whole()) scores.tasks.push_back(sum_up(*task_, std::move(outcomes)));
    }

private:
    using question_type = question<typename T::request>;

    [[nodiscard]] std::span<question_type const> asked() const {
        return std::span(questions_)
            .subspan(static_cast<std::size_t>(first_), static_cast<std::size_t>(last_ - first_));
    }
    [[nodiscard]] std::optional<item_outcome> recalled(std::size_t row, index item) const {
        auto* const memory = frame_->options.memory;
        if (memory == nullptr) return std::nullopt;
        return memory->find(frame_->schemes[row], name_of_task(*task_), item,
                            name_of(questions_[static_cast<std::size_t>(item)]));
    }
    void put(std::size_t row, std::span<std::size_t const> items, std::span<item_outcome const> outcomes) const {
        if (frame_->options.memory == nullptr) return;
        std::vector<outcome_memory::entry> entries;
        for (std::size_t const i : items)
            entries.push_back({first_ + static_cast<index>(i), name_of(asked()[i]), &outcomes[i]});
        frame_->options.memory->put(frame_->schemes[row], name_of_task(*task_), entries);
    }

    T const*                   task_;
    evaluation_frame const*    frame_;
    std::vector<question_type> questions_;            // of all items
    index                      first_ = 0, last_ = 0; // those that this run answers
};

} // namespace qeval
