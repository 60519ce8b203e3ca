// A text under a perplexity protocol in the course of an evaluation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/stopwatch.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task_work.hpp>
#include <qeval/eval/text/text_work.hpp>

namespace qeval {

class text_task_work final : public task_work {
public:
    // text: that of `task`. left: how many bytes the tasks before this one have left for logits of the reference. This
    // task takes what it needs, if that is still there.
    text_task_work(any_task const& task, any_text const& text, any_engine& engine, evaluation_frame const& frame,
                   std::uint64_t& left)
        : task_(&task),
          text_(&text),
          frame_(&frame),
          work_(text.windows(engine), task.facts().name, text.has_divergence(), frame.schemes, frame.options.memory,
                frame.options.meter) {
        auto const& options = frame.options;
        work_.work_on({options.shard.first(work_.windows().count()), options.shard.last(work_.windows().count())});
        if (engine.logits() == nullptr || frame.schemes.size() < 2) return;
        std::uint64_t const bytes = work_.bytes_to_keep(engine.logits()->vocab_size());
        keep_                     = bytes > 0 && bytes <= left;
        together_                 = bytes > left && !all_known();
        left -= keep_ ? bytes : 0;
    }

    [[nodiscard]] bool knows(std::size_t row) const override { return work_.knows(row); }
    [[nodiscard]] bool together() const override { return together_; }

    void run(std::size_t row, any_engine& engine, scheme_scores& scores, scheme_run& log) override {
        if (!together_) {
            refuse_without_logits(engine);
            stopwatch const time(frame_->options.meter.now);
            auto const      progress = progress_of(scores.scheme, time);
            index const     batch    = frame_->options.batch_tokens;
            readings_.push_back(row == 0 ? work_.read_reference(engine, keep_, batch, progress)
                                         : work_.read_scheme(row, engine, keep_, batch, progress));
        }
        log.tasks.push_back(readings_[row].work);
        log.tasks.back().what = name();
        auto       outcomes   = work_.outcomes(readings_[row]);
        auto const done       = std::span(std::as_const(outcomes))
                              .first(static_cast<std::size_t>(work_.range().last))
                              .subspan(static_cast<std::size_t>(work_.range().first));
        log.counts.push_back({name(), "windows", count_items(done)});
        if (!frame_->options.shard.whole()) return;
        scores.texts.push_back(work_.sum_up(readings_[row], row == 0 ? nullptr : &readings_[0]));
        scores.texts.back().task          = qeval::sum_up(*task_, std::move(outcomes));
        scores.texts.back().task.protocol = work_.windows().protocol;
        scores.texts.back().is_check      = text_->is_check();
    }
    void read_together(std::span<any_engine* const> engines) override {
        for (any_engine* const e : engines) refuse_without_logits(*e);
        stopwatch const time(frame_->options.meter.now);
        readings_ = work_.read_together(engines, frame_->options.batch_tokens, progress_of("all", time));
    }

private:
    [[nodiscard]] std::string const& name() const { return task_->facts().name; }
    [[nodiscard]] bool               all_known() const {
                      for (std::size_t row = 0; row < frame_->schemes.size(); ++row)
            if (!work_.knows(row)) return false;
        return true;
    }
    void refuse_without_logits(any_engine& engine) const {
        if (engine.logits() != nullptr) return;
        throw usage_error{{"EV08", "the task " + name(), "an engine without logits", "an engine that gives them",
                           "a remote endpoint; leave perplexity tasks out"}};
    }
    [[nodiscard]] text_work::progress progress_of(std::string_view scheme, stopwatch const& time) const {
        auto const& shard = frame_->options.shard;
        index const all = work_.windows().count(), total = shard.last(all) - shard.first(all);
        return [this, scheme, &time, total](index done, index recalled, std::span<double const> nll) {
            frame_->report({scheme, name(), "windows", done, total, recalled, "perplexity", exp_of(mean_of(nll)).value,
                            time.seconds()});
        };
    }

    any_task const*           task_;
    any_text const*           text_;
    evaluation_frame const*   frame_;
    text_work                 work_;
    bool                      keep_     = false; // the reference's logits stay in memory
    bool                      together_ = false; // all engines read the text, window by window
    std::vector<text_reading> readings_;         // one for each row so far
};

} // namespace qeval
