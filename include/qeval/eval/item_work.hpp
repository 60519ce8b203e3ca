// A task of items in the course of an evaluation.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/stopwatch.hpp>
#include <qeval/core/view.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/store/outcome_memory.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/eval/task_work.hpp>

namespace qeval {

// It does not know the task's type, and is compiled once for each kind of requests.
template <class Request>
class item_work final : public task_work {
public:
    // `items` are those of `task`, `engine` is the reference's. Its questions are those that every row is asked; their
    // names are kept.
    item_work(any_task const& task, any_items<Request> const& items, any_engine& engine, evaluation_frame const& frame)
        : task_(&task), items_(&items), frame_(&frame), limits_(text_encoder(engine).limits()) {
        text_encoder words(engine);
        names_            = name_questions(items, words);
        auto const& shard = frame.options.shard;
        index const n     = std::ssize(names_);
        range_            = {static_cast<std::size_t>(shard.first(n)), static_cast<std::size_t>(shard.last(n))};
    }

    [[nodiscard]] bool knows(std::size_t row) const override {
        for (std::size_t i = range_.first; i < range_.last; ++i) {
            if (!recalled(row, i)) return false;
        }
        return true;
    }

    void run(std::size_t row, any_engine& engine, scheme_scores& scores, scheme_run& log) override {
        stopwatch const time(frame_->options.meter.now);
        auto const&     headline = task_->facts().metrics[0];
        text_encoder    words(engine, limits_);
        auto const      ask = [&](std::size_t i) {
            auto q = items_->ask(words, i);
            if (name_of(q) != names_[i]) refuse_other_tokens(scores.scheme, i);
            return q;
        };
        auto const  recall = [&](std::size_t i) { return recalled(row, i); };
        double      sum    = 0; // of the first metric's values, over the items before `summed`
        index       failed = 0; // of those items
        std::size_t summed = range_.first;
        auto const  keep   = [&](std::span<std::size_t const> items, std::span<item_outcome const> outcomes) {
            put(row, items, outcomes);
            if (!frame_->options.answered) return;
            for (std::size_t const i : items) {
                for (; summed <= i; ++summed) {
                    item_outcome const& o = outcomes[summed - range_.first];
                    sum += o.values[0];
                    failed += state_of(o) == item_state::failed;
                }
                frame_->options.answered({scores.scheme, name(), static_cast<index>(i), std::ssize(names_),
                                          &outcomes[i - range_.first], &headline,
                                          sum / static_cast<double>(summed - range_.first), failed});
            }
        };
        auto outcomes = answer_all<Request>(
            engine, *items_, range_, frame_->options.batch_items, frame_->options.meter,
            {ask, recall, keep, [&](std::span<item_outcome const> done, index recalled_ones) {
                 auto const score = score_metric(headline, metric_values(done, 0)).score.value;
                 frame_->report({scores.scheme, name(), "items", std::ssize(done), static_cast<index>(range_.size()),
                                 recalled_ones, headline.name, score, time.seconds(), count_items(done).failed});
             }});
        task_work_sum& work = log.tasks.emplace_back();
        work.what           = name();
        for (auto const& o : outcomes) work.add(o.work);
        log.counts.push_back({name(), "items", count_items(outcomes)});
        if (frame_->options.shard.whole()) scores.tasks.push_back(sum_up(*task_, std::move(outcomes)));
    }

private:
    [[nodiscard]] std::string const&          name() const { return task_->facts().name; }
    [[nodiscard]] std::optional<item_outcome> recalled(std::size_t row, std::size_t item) const {
        auto* const memory = frame_->options.memory;
        if (memory == nullptr) return std::nullopt;
        return memory->find(frame_->schemes[row], name(), static_cast<index>(item), names_[item]);
    }
    [[noreturn]] void refuse_other_tokens(std::string const& scheme, std::size_t item) const {
        throw usage_error{{"EV15", "the scheme " + scheme + ", task " + name() + ", item " + std::to_string(item),
                           "other tokens than the reference's", "the same question for every scheme",
                           "an engine with another tokenizer"}};
    }
    void put(std::size_t row, std::span<std::size_t const> items, std::span<item_outcome const> outcomes) const {
        if (frame_->options.memory == nullptr) return;
        std::vector<outcome_memory::entry> entries;
        for (std::size_t const i : items)
            entries.push_back({static_cast<index>(i), names_[i], &outcomes[i - range_.first]});
        frame_->options.memory->put(frame_->schemes[row], name(), entries);
    }

    any_task const*           task_;
    any_items<Request> const* items_;
    evaluation_frame const*   frame_;
    prompt_limits             limits_; // those of the reference
    std::vector<std::string>  names_;  // of the questions of all items
    item_range                range_;  // the items that this run answers
};

} // namespace qeval
