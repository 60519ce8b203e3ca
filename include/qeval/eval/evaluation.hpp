// The evaluation: tasks x schemes against one reference.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ctime>
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
#include <qeval/eval/item_run.hpp>
#include <qeval/eval/result.hpp>
#include <qeval/eval/table.hpp>
#include <qeval/eval/task.hpp>
#include <qeval/eval/text_work.hpp>

namespace qeval {

template <class T> // an item_task
struct item_work {
    T const*                                   task;
    std::vector<question<typename T::request>> questions;
};

class stopwatch {
public:
    [[nodiscard]] double seconds() const { return std::chrono::duration<double>(clock::now() - start_).count(); }

private:
    using clock              = std::chrono::steady_clock;
    clock::time_point start_ = clock::now();
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
                if (i > 0) engines[0] = build(i);
                run_scheme(i, *engines[0]);
                engines[0] = handle{}; // before the next one is built
            }
        } else {
            for (std::size_t i = 1; i < scores().size(); ++i) engines.push_back(build(i));
            run_together(engines);
            for (std::size_t i = 0; i < engines.size(); ++i) run_scheme(i, *engines[i]);
        }
        compare_with_reference(result_.scores);
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
    }
    template <class T>
    [[nodiscard]] static plan plan_for(engine_type& engine, T const& task, bool compare, std::uint64_t& left) {
        if constexpr (text_task<T>) {
            text_work<T> work(engine, task);
            bool         keep = false, together = false;
            if constexpr (logit_engine<engine_type>) {
                std::uint64_t const bytes = work.bytes_to_keep(static_cast<index>(engine.vocab_size()));
                keep                      = compare && bytes > 0 && bytes <= left;
                together                  = compare && bytes > 0 && bytes > left;
                left -= keep ? bytes : 0;
            }
            return {std::move(work), keep, together};
        } else {
            return {item_work<T>{&task, ask_all(engine, task)}};
        }
    }

    void run_scheme(std::size_t row, engine_type& engine) {
        stopwatch const time;
        for (auto& p : plans_) {
            std::visit([&](auto& work) { run_work(row, engine, p, work); }, p.work);
        }
        describe_(engine, scores()[row], log(row));
        log(row).seconds += time.seconds();
    }

    template <class T>
    void run_work(std::size_t row, engine_type& engine, plan& p, text_work<T>& work) {
        if constexpr (logit_engine<engine_type>) {
            if (!p.together) {
                stopwatch const time;
                auto const      progress = text_progress(scores()[row].scheme, work, time);
                p.readings.push_back(row == 0 ? work.read_reference(engine, p.keep, options_.batch_tokens, progress)
                                              : work.read_scheme(engine, p.keep, options_.batch_tokens, progress));
                log(row).speed.push_back(
                    {std::string(T::name), work.windows().count * work.windows().window, time.seconds()});
            }
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
        auto const      headline = T::metrics()[0];
        auto outcomes = answer_all(engine, *work.task, std::span<question<typename T::request> const>(work.questions),
                                   options_.batch_items, [&](std::span<item_outcome const> done, index more) {
                                       tokens += more;
                                       auto const score = score_metric(headline, metric_values(done, 0)).score.value;
                                       report({scores()[row].scheme, T::name, "items", std::ssize(done),
                                               std::ssize(work.questions), headline.name, score, time.seconds()});
                                   });
        log(row).speed.push_back({std::string(T::name), tokens, time.seconds()});
        scores()[row].tasks.push_back(sum_up(*work.task, std::move(outcomes)));
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
            report({scheme, work.task().name, "windows", done, work.windows().count, "perplexity",
                    exp_of(mean_of(nll)).value, time.seconds()});
        };
    }

    [[nodiscard]] static std::string utc_now() {
        std::time_t const now = std::time(nullptr);
        std::tm           parts{};
        ::gmtime_r(&now, &parts);
        char text[32];
        std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
        return text;
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
