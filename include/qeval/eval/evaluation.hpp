// Runs an evaluation: every task under every scheme, each scheme compared with one reference.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/core/stopwatch.hpp>
#include <qeval/engine/any_engine.hpp>
#include <qeval/engine/requests.hpp>
#include <qeval/eval/engine_rows.hpp>
#include <qeval/eval/evaluation_options.hpp>
#include <qeval/eval/item_work.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/result/table.hpp>
#include <qeval/eval/task/any_task.hpp>
#include <qeval/eval/task_work.hpp>
#include <qeval/eval/text_task_work.hpp>

namespace qeval {

// One evaluation in progress. It knows neither the types of tasks nor those of engines, and is compiled once. Call
// evaluate() below.
class evaluator {
public:
    evaluator(evaluation_options const& options, engine_rows& rows)
        : rows_(rows), frame_{options, {}, [this] { watch(); }} {
        add_row(options.reference);
        for (auto const& s : options.schemes) {
            if (std::ranges::find(frame_.schemes, s) == frame_.schemes.end()) add_row(s);
        }
    }

    [[nodiscard]] evaluation_result run(std::span<std::unique_ptr<any_task const> const> tasks) {
        result_.run.started       = precise_utc_now();
        result_.scores.reference  = options().reference;
        result_.scores.statistics = options().statistics;
        engines_.push_back(open(0));
        // This tokenizes every text and item, so that an unusable one stops the run before any work.
        std::uint64_t left = options().reference_bytes;
        for (auto const& task : tasks) works_.push_back(work_of(*task, left));
        if (options().recalled_only) refuse_unknown();
        if (std::ranges::any_of(works_, [](auto const& w) { return w->together(); })) {
            run_together();
        } else {
            run_in_turn();
        }
        sum_up_work();
        if (options().shard.whole()) {
            result_.scores.origin = rows_.origin();
            compare_with_reference(result_.scores);
        }
        return std::move(result_);
    }

private:
    [[nodiscard]] evaluation_options const& options() const { return frame_.options; }
    [[nodiscard]] scheme_scores&            scores(std::size_t row) { return result_.scores.schemes[row]; }
    [[nodiscard]] scheme_run&               log(std::size_t row) { return result_.run.schemes[row]; }

    [[nodiscard]] std::unique_ptr<task_work> work_of(any_task const& task, std::uint64_t& left) const {
        any_engine& reference = *engines_[0];
        if (auto const* text = task.text())
            return std::make_unique<text_task_work>(task, *text, reference, frame_, left);
        if (auto const* items = task.scored())
            return std::make_unique<item_work<score_request>>(task, *items, reference, frame_);
        return std::make_unique<item_work<generate_request>>(task, *task.written(), reference, frame_);
    }

    void add_row(std::string const& scheme) {
        frame_.schemes.push_back(scheme);
        result_.scores.schemes.emplace_back().scheme = scheme;
        result_.run.schemes.emplace_back().scheme    = scheme;
        taken_.emplace_back();
    }
    [[nodiscard]] std::unique_ptr<any_engine> open(std::size_t row) {
        frame_.report({frame_.schemes[row], {}, {}, 0, 0, 0, {}, 0, 0});
        stopwatch const time(options().meter.now);
        auto            engine   = rows_.open(frame_.schemes[row]);
        taken_[row]              = rows_.taken(frame_.schemes[row]);
        taken_[row].process      = options().meter.process;
        taken_[row].load_seconds = time.seconds();
        open_.push_back(row);
        keep_taken(row); // before any answer, so that no answer's process is unknown
        return engine;
    }
    void keep_taken(std::size_t row) {
        if (options().memory != nullptr) options().memory->put_process(frame_.schemes[row], taken_[row]);
    }
    // Looks at the memory of this process after each call of an engine, and not at the end alone: a process that is
    // killed leaves answers, and what they took.
    void watch() {
        for (std::size_t const row : open_) {
            auto const now = rows_.taken(frame_.schemes[row]);
            if (now.peak_bytes <= taken_[row].peak_bytes) continue;
            taken_[row].peak_bytes = now.peak_bytes;
            keep_taken(row);
        }
    }
    // Whether nothing is left to ask of the scheme, so that its engine need not be opened.
    [[nodiscard]] bool is_known(std::size_t row) const {
        auto* const memory = options().memory;
        return memory != nullptr && memory->find_scheme(frame_.schemes[row]) &&
               std::ranges::all_of(works_, [&](auto const& w) { return w->knows(row); });
    }
    void refuse_unknown() const {
        for (std::size_t row = 0; row < frame_.schemes.size(); ++row) {
            if (is_known(row)) continue;
            throw usage_error{{"EV10", "the scheme " + frame_.schemes[row], "answers that no store has", "all of them",
                               "a shard that has not finished: the same command with its --shard goes on with it"}};
        }
    }

    void run_in_turn() {
        for (std::size_t row = 0; row < frame_.schemes.size(); ++row) {
            bool const known = is_known(row);
            if (row > 0 && !known) {
                engines_[0].reset(); // before the next one is opened
                open_.clear();
                engines_[0] = open(row);
            }
            run_row(row, *engines_[0], known);
        }
    }
    void run_together() {
        for (std::size_t row = 1; row < frame_.schemes.size(); ++row) engines_.push_back(open(row));
        std::vector<any_engine*> all;
        for (auto const& e : engines_) all.push_back(e.get());
        for (auto& w : works_) {
            if (w->together()) w->read_together(all);
        }
        for (std::size_t row = 0; row < all.size(); ++row) run_row(row, *all[row], false);
    }
    // known: all answers come from the memory, and `engine` may be that of another scheme.
    void run_row(std::size_t row, any_engine& engine, bool known) {
        for (auto& w : works_) w->run(row, engine, scores(row), log(row));
        known ? recall(row) : describe(row);
    }
    // What the answers took, by all processes that have made some of them.
    void sum_up_work() {
        auto& all = result_.run;
        for (std::size_t row = 0; row < frame_.schemes.size(); ++row) {
            auto&                 run = log(row);
            std::set<std::string> names;
            for (auto const& t : run.tasks) names.insert(t.processes.begin(), t.processes.end());
            for (auto const& name : names) run.processes.push_back(process_of(row, name));
            run.load_seconds = 0;
            for (auto const& p : run.processes) {
                run.load_seconds += p.load_seconds / static_cast<double>(run.processes.size());
                run.peak_bytes = std::max(run.peak_bytes, p.peak_bytes);
                all.threads    = std::max(all.threads, p.threads);
            }
            run.seconds = run.load_seconds;
            for (auto const& t : run.tasks) run.seconds += t.seconds;
            all.seconds += run.seconds;
            all.peak_bytes = std::max(all.peak_bytes, run.peak_bytes);
        }
    }
    [[nodiscard]] scheme_process process_of(std::size_t row, std::string const& name) const {
        if (name == taken_[row].process) return taken_[row];
        auto* const memory = options().memory;
        auto const  found  = memory != nullptr ? memory->find_process(frame_.schemes[row], name) : std::nullopt;
        return found.value_or(scheme_process{.process = name});
    }
    void recall(std::size_t row) {
        auto& s           = scores(row);
        auto  facts       = *options().memory->find_scheme(s.scheme);
        s.bits_per_weight = facts.bits_per_weight;
        s.weight_bytes    = facts.weight_bytes;
        s.notes           = std::move(facts.notes);
        s.origin          = std::move(facts.origin);
        s.tensors         = std::move(facts.tensors);
        log(row).kernel   = std::move(facts.kernel);
    }
    void describe(std::size_t row) {
        auto& s = scores(row);
        rows_.describe(s, log(row));
        if (options().memory == nullptr) return;
        options().memory->put_scheme(
            s.scheme, {s.bits_per_weight, s.weight_bytes, s.notes, s.origin, log(row).kernel, s.tensors});
    }

    engine_rows&                             rows_;
    evaluation_frame                         frame_;
    std::vector<std::unique_ptr<any_engine>> engines_;
    std::vector<std::size_t>                 open_;  // the rows whose engines are alive
    std::vector<scheme_process>              taken_; // by this process, of each row that it has opened
    std::vector<std::unique_ptr<task_work>>  works_;
    evaluation_result                        result_;
};

// Evaluates the reference and every scheme of `options` on loaded tasks; `rows` opens the engine of each scheme. Throws
// what tasks, engines and the progress function throw: a text or item that cannot be used stops the run before any
// work.
[[nodiscard]] inline evaluation_result evaluate(std::span<std::unique_ptr<any_task const> const> tasks,
                                                evaluation_options const& options, engine_rows& rows) {
    for (auto const& task : tasks) task->make_ready();
    return evaluator(options, rows).run(tasks);
}

} // namespace qeval
