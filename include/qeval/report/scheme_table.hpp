// The table of schemes: size, perplexity, divergence, the first task with its paired test, speed and kernel; and one table
// for each further task.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <qeval/eval/result.hpp>
#include <qeval/report/text.hpp>
#include <qeval/report/text_table.hpp>

namespace qeval {

namespace detail {

// How fast the scheme read its first text: tokens a second, prompt at once.
[[nodiscard]] inline std::string reading_speed(scheme_run const& run) {
    for (auto const& s : run.speed) {
        if (s.seconds > 0 && s.tokens > 0) return text("{:.0f}", static_cast<double>(s.tokens) / s.seconds);
    }
    return absent;
}
// Items that the scheme got right and the reference did not, and the other way round.
[[nodiscard]] inline std::string flips(metric_scores const& m) {
    if (!m.against_reference) return absent;
    return text("+{} -{}", m.against_reference->better, m.against_reference->worse);
}
[[nodiscard]] inline std::string paired_p(metric_scores const& m) { return m.against_reference ? p_value(m.against_reference->p) : absent; }

} // namespace detail

[[nodiscard]] inline text_table scheme_table(evaluation_result const& result) {
    auto const& rows     = result.scores.schemes;
    bool const  has_text = !rows.empty() && !rows[0].texts.empty();
    bool const  has_task = !rows.empty() && !rows[0].tasks.empty();

    std::vector<text_table::column> columns{{"scheme", true}, {"bits/w", false}, {"weights", false}};
    if (has_text) columns.insert(columns.end(), {{"perplexity", false}, {"KL div", false}, {"top-1 %", false}});
    if (has_task) columns.insert(columns.end(), {{rows[0].tasks[0].task + " %", false}, {"flips", false}, {"p", false}});
    columns.insert(columns.end(), {{"tok/s", false}, {"kernel", true}});
    text_table table(columns);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        auto const&              s   = rows[i];
        auto const&              run = result.run.schemes[i];
        std::vector<std::string> cells{s.scheme, fixed(s.bits_per_weight, 3), bytes_text(s.weight_bytes)};
        if (has_text) {
            auto const& t = s.texts[0];
            cells.push_back(with_error(t.perplexity.perplexity));
            cells.push_back(t.divergence ? small(t.divergence->kl.value) : absent);
            cells.push_back(t.divergence ? percent(t.divergence->top_agreement.value) : absent);
        }
        if (has_task) {
            auto const& m = s.tasks[0].metrics[0];
            cells.push_back(with_error(m.score, 100));
            cells.push_back(detail::flips(m));
            cells.push_back(detail::paired_p(m));
        }
        cells.push_back(detail::reading_speed(run));
        cells.push_back(run.kernel);
        table.add(std::move(cells), i == 0);
    }
    return table;
}

// One task: every metric of every scheme, in words too.
[[nodiscard]] inline text_table task_table(evaluation_result const& result, std::size_t task) {
    text_table table({{"scheme", true}, {"metric", true}, {"score", false}, {"flips", false}, {"p", false}, {"against the reference", true}});
    for (auto const& s : result.scores.schemes) {
        for (auto const& m : s.tasks[task].metrics) {
            double const unit = m.metric.kind == metric_kind::proportion ? 100 : 1;
            table.add({s.scheme, m.metric.name, with_error(m.score, unit), detail::flips(m), detail::paired_p(m),
                       m.against_reference ? m.against_reference->sentence : absent},
                      s.scheme == result.scores.reference);
        }
    }
    return table;
}

// Perplexities under every protocol that was run, side by side: the same weights, several numbers.
[[nodiscard]] inline text_table protocol_table(evaluation_result const& result) {
    text_table table({{"scheme", true}, {"protocol", true}, {"perplexity", false}, {"ratio", false}, {"KL div", false}, {"99th", false},
                      {"top-1 %", false}, {"Δp RMS %", false}, {"scored", false}});
    for (auto const& s : result.scores.schemes) {
        for (auto const& t : s.texts) {
            auto const& d = t.divergence;
            table.add({s.scheme, t.task.task, with_error(t.perplexity.perplexity), t.change ? with_error(t.change->ratio) : absent,
                       d ? small(d->kl.value) : absent, d ? small(d->kl_percentiles.p99) : absent, d ? percent(d->top_agreement.value) : absent,
                       d ? percent(d->delta_p_rms.value, 2) : absent, text("{}", t.perplexity.scored_tokens)},
                      s.scheme == result.scores.reference);
        }
    }
    return table;
}

} // namespace qeval
