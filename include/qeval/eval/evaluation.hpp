// The evaluation: tasks x schemes against one reference.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/engine/concepts.hpp>
#include <qeval/eval/evaluation_options.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/result/table.hpp>
#include <qeval/eval/stopwatch.hpp>
#include <qeval/eval/task/task.hpp>
#include <qeval/eval/text/text_work.hpp>

namespace qeval {

template <class T> // an item_task
struct item_work {
    T const*                                   task;
    std::vector<question<typename T::request>> questions;           // of all items
    index                                      first = 0, last = 0; // those that this run answers

    [[nodiscard]] std::span<question<typename T::request> const> asked() const {
        return std::span(questions).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
    }
};

// One evaluation in progress; use evaluate() below.
template <class Tasks, class Make, class Describe>
class evaluator {
    using handle      = std::remove_cvref_t<std::invoke_result_t<Make&, std::string const&>>;
    using engine_type = std::remove_cvref_t<decltype(*std::declval<handle&>())>;
    static_assert(engine<engine_type>,
                  "qeval: make(scheme) must return a pointer-like object to an engine (engine/concepts.hpp)");

    template <class T>
    using work_of  = std::conditional_t<text_task<T>, text_work<T>, item_work<T>>;
    using any_work = typename Tasks::template each<work_of>;

public:
    evaluator(std::vector<typename Tasks::any> const& tasks, evaluation_options const& options, Make& make,
              Describe& describe)
        : tasks_(tasks), options_(options), make_(make), describe_(describe) {}

    [[nodiscard]] evaluation_result run() {
        stopwatch const all;
        result_.run.started       = utc_now();
        result_.scores.reference  = options_.reference;
        result_.scores.statistics = options_.statistics;
        add_row(options_.reference);
        for (auto const& s : options_.schemes) {
            bool const known =
                std::any_of(scores().begin(), scores().end(), [&](auto const& row) { return row.scheme == s; });
            if (!known) add_row(s);
        }
        std::vector<handle> engines;
        engines.push_back(build(0));
        prepare(*engines[0]);
        if (!together_) {
            for (std::size_t i = 0; i < scores().size(); ++i) {
                bool const known = is_known(i);
                if (i > 0 && !known) {
                    engines[0] = handle{}; // before the next one is built
                    engines[0] = build(i);
                }
                run_scheme(i, *engines[0], known);
            }
        } else {
            for (std::size_t i = 1; i < scores().size(); ++i) engines.push_back(build(i));
            run_together(engines);
            for (std::size_t i = 0; i < engines.size(); ++i) run_scheme(i, *engines[i], false);
        }
        if (options_.shard.whole()) compare_with_reference(result_.scores);
        result_.run.seconds = all.seconds();
        return std::move(result_);
    }

private:
    struct plan { // of one task
        any_work                  work;
        bool                      keep     = false; // text: the reference's logits stay in memory
        bool                      together = false; // text: read by all engines, window by window
        std::vector<text_reading> readings{};       // text: of each row so far
    };

    std::vector<scheme_scores>& scores() { return result_.scores.schemes; }
    scheme_run&                 log(std::size_t row) { return result_.run.schemes[row]; }

    void add_row(std::string const& scheme) {
        scores().emplace_back().scheme            = scheme;
        result_.run.schemes.emplace_back().scheme = scheme;
    }
    [[nodiscard]] handle build(std::size_t row) {
        report({scores()[row].scheme, {}, {}, 0, 0, {}, 0, 0});
        stopwatch const time;
        handle          engine = make_(scores()[row].scheme);
        log(row).load_seconds  = time.seconds();
        log(row).seconds += time.seconds();
        return engine;
    }
    void report(evaluation_progress const& p) const {
        if (options_.progress) options_.progress(p);
    }

    // Tokenizes everything, so that an unusable text or item stops the run before any work, and shares out the memory
    // for the reference's logits, first come first served.
    void prepare(engine_type& engine) {
        std::uint64_t left    = options_.reference_bytes;
        bool const    compare = scores().size() > 1;
        for (auto const& any : tasks_) {
            std::visit([&](auto const& task) { plans_.push_back(plan_for(engine, task, compare, left)); }, any);
        }
        for (auto const& p : plans_) together_ = together_ || p.together;
        if (!options_.recalled_only) return;
        for (std::size_t row = 0; row < scores().size(); ++row) {
            if (is_known(row)) continue;
            throw usage_error{{"EV10", "the scheme " + scores()[row].scheme, "answers that no store has", "all of them",
                               "a shard that has not finished: the same command with its --shard goes on with it"}};
        }
        together_ = false; // nothing is computed
        for (auto& p : plans_) p.together = false;
    }
    // Nothing is left to ask of the scheme, so it need not be built.
    [[nodiscard]] bool is_known(std::size_t row) {
        if (!options_.memory || !options_.memory.find_scheme(scores()[row].scheme)) return false;
        for (auto const& p : plans_) {
            bool const known = std::visit(
                [&]<class Work>(Work const& work) {
                    if constexpr (requires { work.windows(); }) {
                        return work.knows(row);
                    } else {
                        for (index i = work.first; i < work.last; ++i)
                            if (!recalled(row, work, i)) return false;
                        return true;
                    }
                },
                p.work);
            if (!known) return false;
        }
        return true;
    }
    template <class T>
    [[nodiscard]] std::optional<item_outcome> recalled(std::size_t row, item_work<T> const& work, index item) const {
        if (!options_.memory) return std::nullopt;
        return options_.memory.find(result_.scores.schemes[row].scheme, name_of_task(*work.task), item,
                                    name_of(work.questions[static_cast<std::size_t>(item)]));
    }
    template <class T>
    [[nodiscard]] plan plan_for(engine_type& engine, T const& task, bool compare, std::uint64_t& left) {
        if constexpr (text_task<T>) {
            std::vector<std::string> names;
            for (auto const& s : scores()) names.push_back(s.scheme);
            text_work<T> work(engine, task, std::move(names), options_.memory);
            work.work_on({options_.shard.first(work.windows().count()), options_.shard.last(work.windows().count())});
            bool keep = false, together = false;
            if constexpr (logit_engine<engine_type>) {
                std::uint64_t const bytes = work.bytes_to_keep(static_cast<index>(engine.vocab_size()));
                keep                      = compare && bytes > 0 && bytes <= left;
                together                  = compare && bytes > 0 && bytes > left;
                left -= keep ? bytes : 0;
            }
            return {std::move(work), keep, together};
        } else {
            auto        questions = ask_all(engine, task);
            index const n         = std::ssize(questions);
            return {item_work<T>{&task, std::move(questions), options_.shard.first(n), options_.shard.last(n)}};
        }
    }

    // known: its answers come from the memory; the engine may be another scheme's.
    void run_scheme(std::size_t row, engine_type& engine, bool known) {
        stopwatch const time;
        for (auto& p : plans_) {
            std::visit([&](auto& work) { run_work(row, engine, p, work); }, p.work);
        }
        if (known) {
            auto facts                    = *options_.memory.find_scheme(scores()[row].scheme);
            scores()[row].bits_per_weight = facts.bits_per_weight;
            scores()[row].weight_bytes    = facts.weight_bytes;
            scores()[row].notes           = std::move(facts.notes);
            scores()[row].origin          = std::move(facts.origin);
            scores()[row].tensors         = std::move(facts.tensors);
            log(row).kernel               = std::move(facts.kernel);
        } else {
            describe_(engine, scores()[row], log(row));
            auto const& s = scores()[row];
            if (options_.memory)
                options_.memory.put_scheme(
                    s.scheme, {s.bits_per_weight, s.weight_bytes, s.notes, s.origin, log(row).kernel, s.tensors});
        }
        log(row).seconds += time.seconds();
    }

    template <class T>
    void run_work(std::size_t row, engine_type& engine, plan& p, text_work<T>& work) {
        if constexpr (logit_engine<engine_type>) {
            if (!p.together) {
                stopwatch const time;
                auto const      progress = text_progress(scores()[row].scheme, work, time);
                p.readings.push_back(row == 0 ? work.read_reference(engine, p.keep, options_.batch_tokens, progress)
                                              : work.read_scheme(row, engine, p.keep, options_.batch_tokens, progress));
                log(row).speed.push_back({std::string(T::name), work.windows().tokens_read(), time.seconds()});
            }
            if (options_.shard.whole())
                scores()[row].texts.push_back(work.sum_up(p.readings[row], row == 0 ? nullptr : &p.readings[0]));
        } else {
            throw usage_error{{"EV08", "the task " + std::string(T::name), "an engine without logits",
                               "an engine that gives them", "a remote endpoint; leave perplexity tasks out"}};
        }
    }
    template <class T>
    void run_work(std::size_t row, engine_type& engine, plan&, item_work<T>& work) {
        stopwatch const time;
        index           tokens   = 0;
        auto const      headline = work.task->metrics()[0];
        auto const&     scheme   = scores()[row].scheme;
        auto const      recall = [&](std::size_t i) { return recalled(row, work, work.first + static_cast<index>(i)); };
        double          sum    = 0; // of the headline's values, items before `summed`
        std::size_t     summed = 0;
        auto const      keep   = [&](std::span<std::size_t const> items, std::span<item_outcome const> outcomes) {
            if (options_.memory) {
                std::vector<outcome_memory::entry> entries;
                for (std::size_t const i : items)
                    entries.push_back({work.first + static_cast<index>(i), name_of(work.asked()[i]), &outcomes[i]});
                options_.memory.put(scheme, name_of_task(*work.task), entries);
            }
            if (!options_.answered) return;
            for (std::size_t const i : items) {
                for (; summed <= i; ++summed) sum += outcomes[summed].values[0];
                options_.answered({scheme, name_of_task(*work.task), work.first + static_cast<index>(i),
                                   std::ssize(work.questions), &outcomes[i], &headline,
                                   sum / static_cast<double>(summed)});
            }
        };
        auto outcomes = answer_all(engine, *work.task, work.asked(), work.first, options_.batch_items, recall, keep,
                                   [&](std::span<item_outcome const> done, index more) {
                                       tokens += more;
                                       auto const score = score_metric(headline, metric_values(done, 0)).score.value;
                                       report({scheme, name_of_task(*work.task), "items", std::ssize(done),
                                               work.last - work.first, headline.name, score, time.seconds()});
                                   });
        log(row).speed.push_back({std::string(name_of_task(*work.task)), tokens, time.seconds()});
        if (options_.shard.whole()) scores()[row].tasks.push_back(sum_up(*work.task, std::move(outcomes)));
    }

    void run_together(std::vector<handle>& engines) {
        if constexpr (logit_engine<engine_type>) {
            for (auto& p : plans_) {
                if (!p.together) continue;
                std::visit(
                    [&]<class Work>(Work& work) {
                        if constexpr (requires { work.windows(); }) {
                            stopwatch const time;
                            p.readings = work.read_together(std::span(engines), options_.batch_tokens,
                                                            text_progress("all", work, time));
                        }
                    },
                    p.work);
            }
        }
    }
    template <class Work>
    [[nodiscard]] auto text_progress(std::string_view scheme, Work const& work, stopwatch const& time) const {
        return [this, scheme, &work, &time](index done, std::span<double const> nll) {
            report({scheme, work.task().name, "windows", done, work.windows().count(), "perplexity",
                    exp_of(mean_of(nll)).value, time.seconds()});
        };
    }

    std::vector<typename Tasks::any> const& tasks_;
    evaluation_options const&               options_;
    Make&                                   make_;
    Describe&                               describe_;
    std::vector<plan>                       plans_;
    bool                                    together_ = false;
    evaluation_result                       result_;
};

// Evaluates every scheme of `options` on loaded tasks.
//   make(scheme name) -> pointer-like owner of an engine (unique_ptr, optional); called once for each scheme, the
//     reference first; an engine is destroyed before the next is built, unless the reference's logits of a text exceed
//     options.reference_bytes (4 bytes x vocabulary x scored positions): then all engines live at once
//   describe(engine, scheme_scores&, scheme_run&) adds what only the maker knows: sizes, kernel, peak memory
template <class Tasks, class Make, class Describe>
[[nodiscard]] evaluation_result evaluate(std::vector<typename Tasks::any> const& tasks,
                                         evaluation_options const& options, Make make, Describe describe) {
    return evaluator<Tasks, Make, Describe>(tasks, options, make, describe).run();
}

} // namespace qeval
