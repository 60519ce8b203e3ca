// The table of schemes: size, perplexity, divergence, every task's headline with its paired test, speed and kernel. And
// one table for each task, with all of its metrics.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <qeval/eval/result/result.hpp>
#include <qeval/report/latency/latency_row.hpp>
#include <qeval/report/text/item_counts_text.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/text_table.hpp>
#include <qeval/report/text/work_text.hpp>

namespace qeval {

namespace detail {

// Items that the scheme got right and the reference did not, and the other way round.
[[nodiscard]] inline std::string flips(metric_scores const& m) {
    if (!m.against_reference) return absent;
    return text("+{} -{}", m.against_reference->better, m.against_reference->worse);
}
[[nodiscard]] inline std::string paired_p(metric_scores const& m) {
    return m.against_reference ? p_value(m.against_reference->p) : absent;
}
// The comparison in words, or why there is none.
[[nodiscard]] inline std::string compared(task_scores const& t, metric_scores const& m) {
    if (m.against_reference) return m.against_reference->sentence;
    return t.not_compared.empty() ? absent : t.not_compared;
}

} // namespace detail

// Wider than a page with several tasks: print its terminal() or its parts(). Of latency it has each scheme's first
// load.
[[nodiscard]] inline text_table scheme_table(evaluation_result const&        result,
                                             std::vector<latency_row> const& latency = {}) {
    auto const&   rows = result.scores.schemes;
    std::uint64_t most = 0;
    for (auto const& s : rows) most = std::max(most, s.weight_bytes);
    bool const                      large = most >= std::uint64_t{10} << 30; // one unit for the column
    std::vector<text_table::column> columns{{"scheme", true}, {"bits/w", false}, {large ? "GiB" : "MiB", false, true}};
    if (rows.empty()) return text_table(columns);
    bool const has_text = !rows[0].texts.empty();
    if (has_text) columns.insert(columns.end(), {{"perplexity"}, {"KL div", false, true}, {"top-1 %", false, true}});
    for (auto const& t : rows[0].tasks) {
        std::string const unit = t.metrics[0].metric.kind == metric_kind::proportion ? " %" : "";
        columns.insert(columns.end(), {{t.task + unit}, {"flips", false, true}, {"p", false, true}});
    }
    if (has_text) columns.push_back({"tok/s"});
    if (!latency.empty()) columns.insert(columns.end(), {{"first ms", false, has_text}, {"next ms", false, true}});
    columns.push_back({"kernel", true, has_text || !latency.empty()});
    text_table table(columns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const&              s = rows[i];
        std::vector<std::string> cells{s.scheme, fixed(s.bits_per_weight, 3),
                                       fixed(static_cast<double>(s.weight_bytes) / (large ? 1 << 30 : 1 << 20), 2)};
        if (has_text) {
            auto const& t = s.texts[0];
            cells.push_back(score_text(t.perplexity.perplexity, 1, t.task));
            cells.push_back(t.divergence ? small(t.divergence->kl.value) : absent);
            cells.push_back(t.divergence ? percent(t.divergence->top_agreement.value) : absent);
        }
        for (auto const& t : s.tasks) {
            auto const& m = t.metrics[0];
            cells.push_back(score_text(m.score, m.metric.kind == metric_kind::proportion ? 100 : 1, t));
            cells.push_back(detail::flips(m));
            cells.push_back(detail::paired_p(m));
        }
        auto const* const run = i < result.run.schemes.size() ? &result.run.schemes[i] : nullptr;
        if (has_text) cells.push_back(run != nullptr ? rate_text(run->of(s.texts[0].task.task)) : absent);
        if (!latency.empty()) {
            auto const measured = std::find_if(latency.begin(), latency.end(),
                                               [&](latency_row const& r) { return r.scheme == s.scheme; });
            bool const known    = measured != latency.end();
            cells.push_back(known ? fixed(measured->first_ms().median, 1) : absent);
            cells.push_back(known ? fixed(measured->next_ms().median, 2) : absent);
        }
        cells.push_back(run != nullptr ? run->kernel : absent);
        table.add(std::move(cells), i == 0);
    }
    return table;
}

// One task: every metric of every scheme, in words too.
[[nodiscard]] inline text_table task_table(evaluation_result const& result, std::size_t task) {
    text_table table({{"scheme", true},
                      {"metric", true},
                      {"score", false},
                      {"failed", false, true},
                      {"truncated", false, true},
                      {"tied", false, true},
                      {"flips", false},
                      {"p", false},
                      {"against the reference", true}});
    for (auto const& s : result.scores.schemes) {
        auto const& t = s.tasks[task];
        for (auto const& m : t.metrics) {
            double const unit = m.metric.kind == metric_kind::proportion ? 100 : 1;
            table.add({s.scheme, m.metric.name, score_text(m.score, unit, t), std::to_string(t.failed),
                       std::to_string(t.truncated), std::to_string(t.ties), detail::flips(m), detail::paired_p(m),
                       detail::compared(t, m)},
                      s.scheme == result.scores.reference);
        }
    }
    return table;
}

// The headline metric by category of subjects, as the tables of MMLU and C-Eval papers have it.
[[nodiscard]] inline text_table category_table(evaluation_result const& result, std::size_t task) {
    auto const&                     first = result.scores.schemes[0].tasks[task];
    std::vector<text_table::column> columns{{"scheme", true}, {"average", false}};
    for (auto const& c : first.categories) columns.push_back({text("{} ({})", c.name, c.items), false});
    columns.push_back({"seconds", false});
    text_table table(columns);
    for (std::size_t i = 0; i < result.scores.schemes.size(); ++i) {
        auto const&              t = result.scores.schemes[i].tasks[task];
        std::vector<std::string> cells{result.scores.schemes[i].scheme, score_text(t.metrics[0].score, 100, t)};
        for (auto const& c : t.categories) cells.push_back(score_text(c.score, 100, {c.failed, is_partial(t)}));
        cells.push_back(seconds_text(result.run.schemes[i].of(t.task), 1));
        table.add(std::move(cells), i == 0);
    }
    return table;
}

namespace detail {

// MindIE's rule: no position above 1e-3, at most 0.5 % of them above 1e-4.
[[nodiscard]] inline std::string verdict(text_scores const& t) {
    if (!t.is_check || !t.divergence) return absent;
    auto const& a = t.divergence->acceptance;
    return text("{}: of {} positions {} > 1e-4, {} > 1e-3", a.passes() ? "passes" : "fails", a.compared, a.above_1e_4,
                a.above_1e_3);
}

} // namespace detail

// Perplexities under every protocol that was run, side by side: the same weights, several numbers.
[[nodiscard]] inline text_table protocol_table(evaluation_result const& result) {
    std::vector<text_table::column> columns{{"scheme", true},      {"protocol", true},
                                            {"perplexity", false}, {"ratio", false},
                                            {"KL div", false},     {"99th", false},
                                            {"top-1 %", false},    {"Δp RMS %", false},
                                            {"scored", false},     {"failed windows", false, true}};
    auto const&                     rows = result.scores.schemes;
    bool const judged                    = !rows.empty() && std::ranges::any_of(rows[0].texts, &text_scores::is_check);
    if (judged) columns.push_back({"logit check", true});
    text_table table(columns);
    for (auto const& s : rows) {
        for (auto const& t : s.texts) {
            auto const&              d = t.divergence;
            std::vector<std::string> cells{s.scheme,
                                           t.task.task,
                                           score_text(t.perplexity.perplexity, 1, t.task),
                                           t.change ? with_error(t.change->ratio) : absent,
                                           d ? small(d->kl.value) : absent,
                                           d ? small(d->kl_percentiles.p99) : absent,
                                           d ? percent(d->top_agreement.value) : absent,
                                           d ? percent(d->delta_p_rms.value, 2) : absent,
                                           text("{}", t.perplexity.scored_tokens),
                                           text("{}", t.task.failed)};
            if (judged) cells.push_back(detail::verdict(t));
            table.add(std::move(cells), s.scheme == result.scores.reference);
        }
    }
    return table;
}

} // namespace qeval
