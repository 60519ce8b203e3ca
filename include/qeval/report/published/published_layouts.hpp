// Results in the layouts of published comparisons, so that a column here stands under a column there: exams and latency
// as in tables of bitsandbytes formats, code as in tables of pass@k beside memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/eval/result/result.hpp>
#include <qeval/report/latency/latency_row.hpp>
#include <qeval/report/text/item_counts_text.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>
#include <qeval/report/text/work_text.hpp>

namespace qeval {

namespace detail {

// What the maker of a scheme's model said of it (published_columns of scheme/), or "N/A".
[[nodiscard]] inline std::string fact(provenance const& facts, std::string_view name) {
    for (auto const& [n, value] : facts)
        if (n == name) return value;
    return "N/A";
}
[[nodiscard]] inline std::string seconds_of(evaluation_result const& result, std::size_t row, std::string_view task) {
    if (row >= result.run.schemes.size()) return absent;
    return seconds_text(result.run.schemes[row].of(task), 2);
}

} // namespace detail

// An exam: the averages, and the time of all questions.
[[nodiscard]] inline text_table exam_layout(evaluation_result const& result, std::size_t task) {
    text_table table({{"Scheme", true},
                      {"Quant Type", true},
                      {"Compute Dtype", true},
                      {"Double Quant", true},
                      {"Group Size", false},
                      {"Avg (%)", false},
                      {"Total Time (s)", false}});
    for (std::size_t i = 0; i < result.scores.schemes.size(); ++i) {
        auto const& s = result.scores.schemes[i];
        table.add({s.scheme, detail::fact(s.origin, "quant type"), detail::fact(s.origin, "compute dtype"),
                   detail::fact(s.origin, "double quant"), detail::fact(s.origin, "group size"),
                   score_text(s.tasks[task].metrics[0].score, 100, s.tasks[task]),
                   detail::seconds_of(result, i, s.tasks[task].task)},
                  i == 0);
    }
    return table;
}

// The same layout by category of subjects.
[[nodiscard]] inline text_table exam_category_layout(evaluation_result const& result, std::size_t task) {
    std::vector<text_table::column> columns{{"Precision", true}, {"Avg (%)", false}};
    for (auto const& c : result.scores.schemes[0].tasks[task].categories) columns.push_back({c.name + " (%)", false});
    columns.push_back({"Total Time (s)", false});
    text_table table(columns);
    for (std::size_t i = 0; i < result.scores.schemes.size(); ++i) {
        auto const&              t = result.scores.schemes[i].tasks[task];
        std::vector<std::string> cells{result.scores.schemes[i].scheme, score_text(t.metrics[0].score, 100, t)};
        for (auto const& c : t.categories) cells.push_back(score_text(c.score, 100, {c.failed, is_partial(t)}));
        cells.push_back(detail::seconds_of(result, i, t.task));
        table.add(std::move(cells), i == 0);
    }
    return table;
}

// Programs that were run: pass@k for every k, and what the model occupies.
[[nodiscard]] inline bool is_code(task_scores const& t) {
    return !t.metrics.empty() && t.metrics[0].metric.name.starts_with("pass@");
}

[[nodiscard]] inline text_table code_layout(evaluation_result const& result, std::size_t task) {
    auto const&                     first = result.scores.schemes[0].tasks[task];
    std::vector<text_table::column> columns{{"Model", true}, {"Quantization", true}};
    for (auto const& m : first.metrics) columns.push_back({first.task + " " + m.metric.name, false});
    columns.insert(columns.end(), {{"Weights", false}, {"Peak Memory", false}});
    text_table table(columns);
    for (std::size_t i = 0; i < result.scores.schemes.size(); ++i) {
        auto const&              s = result.scores.schemes[i];
        std::vector<std::string> cells{detail::fact(result.scores.origin, "model"), s.scheme};
        for (auto const& m : s.tasks[task].metrics)
            cells.push_back(marked(with_error(m.score, 100) + "%", s.tasks[task]));
        cells.push_back(bytes_text(s.weight_bytes));
        cells.push_back(i < result.run.schemes.size() && result.run.schemes[i].peak_bytes > 0
                            ? bytes_text(result.run.schemes[i].peak_bytes)
                            : absent);
        table.add(std::move(cells), i == 0);
    }
    return table;
}

// Times to the first token and to each further one.
[[nodiscard]] inline text_table latency_layout(evaluation_result const& result, std::vector<latency_row> const& rows) {
    text_table table({{"Scheme", true},
                      {"Quant Type", true},
                      {"Compute Dtype", true},
                      {"Batch Size", false},
                      {"Input (tokens)", false},
                      {"Output (tokens)", false},
                      {"First Token (ms)", false},
                      {"Non-first Token (ms)", false}});
    for (auto const& r : rows) {
        auto const scores = std::find_if(result.scores.schemes.begin(), result.scores.schemes.end(),
                                         [&](auto const& s) { return s.scheme == r.scheme; });
        auto const origin = scores == result.scores.schemes.end() ? provenance() : scores->origin;
        table.add({r.scheme, detail::fact(origin, "quant type"), detail::fact(origin, "compute dtype"),
                   std::to_string(r.load.batch), std::to_string(r.load.prompt), std::to_string(r.load.output),
                   text("{:.2f} ±{:.2f}", r.first_ms().median, r.first_ms().spread),
                   r.load.output > 1 ? text("{:.2f} ±{:.2f}", r.next_ms().median, r.next_ms().spread) : absent});
    }
    return table;
}

} // namespace qeval
