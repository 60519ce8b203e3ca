// results.csv: one line for each metric of each task under each scheme (RFC 4180, \r\n), with how many of its items
// failed, were truncated and tied, and what its data are (data_kind). What is not defined is empty.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/eval/result/result.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval {

[[nodiscard]] inline std::string csv_field(std::string_view s) {
    if (s.find_first_of(",\"\r\n") == s.npos) return std::string(s);
    std::string out = "\"";
    for (char const c : s) out.append(c == '"' ? 2 : 1, c);
    return out += '"';
}

namespace detail {

// Shortest digits that read back.
[[nodiscard]] inline std::string csv_number(double x) { return std::isnan(x) ? std::string() : text("{}", x); }

// 95 %: Wilson's for a share of items, else of the normal distribution.
[[nodiscard]] inline interval csv_interval(estimate const& e, interval const* wilson) {
    if (wilson != nullptr && !std::isnan(wilson->low)) return *wilson;
    return {e.value - 1.959963984540054 * e.error, e.value + 1.959963984540054 * e.error};
}
inline void csv_line(std::string& out, scheme_scores const& s, std::string_view task, std::string_view metric,
                     item_counts const& counts, data_kind data, estimate const& e, interval const* wilson,
                     comparison const* c) {
    interval const range = csv_interval(e, wilson);
    out.append(csv_field(s.scheme)).append(text(",{},{},", csv_number(s.bits_per_weight), s.weight_bytes));
    out.append(csv_field(task)).append(",").append(csv_field(metric)).append(text(",{}", counts.items));
    for (double const x : {e.value, e.error, range.low, range.high}) out.append(",").append(csv_number(x));
    out.append(c == nullptr ? ",,,,"
                            : text(",{},{},{},{}", c->better, c->worse, csv_number(c->p), csv_number(c->p_holm)))
        .append(text(",{},{},{},{}\r\n", counts.failed, counts.truncated, counts.ties, name_of(data)));
}
// Positions of a text, of which some have no finite number.
[[nodiscard]] inline item_counts positions(index n, index not_finite) {
    item_counts c;
    c.items  = n;
    c.failed = not_finite;
    return c;
}
inline void csv_lines(std::string& out, scheme_scores const& s, task_scores const& t) {
    for (auto const& m : t.metrics) {
        csv_line(out, s, t.task, m.metric.name, t, t.data.kind, m.score,
                 m.metric.kind == metric_kind::proportion ? &m.wilson : nullptr,
                 m.against_reference ? &*m.against_reference : nullptr);
    }
}

} // namespace detail

// A text's `token_perplexity` has the protocol's own error, over tokens; the items of all that follows are positions.
[[nodiscard]] inline std::string results_csv(evaluation_scores const& scores) {
    std::string out =
        "scheme,bits_per_weight,weight_bytes,task,metric,items,value,stderr,low95,high95,won,lost,p,p_holm,failed,"
        "truncated,tied,data\r\n";
    for (auto const& s : scores.schemes) {
        for (auto const& t : s.texts) {
            auto const& name = t.task.task;
            detail::csv_lines(out, s, t.task);
            detail::csv_line(out, s, name, "token_perplexity",
                             detail::positions(t.perplexity.scored_tokens, t.perplexity.not_finite), t.task.data.kind,
                             t.perplexity.perplexity, nullptr, nullptr);
            if (!t.divergence) continue;
            auto const& d   = *t.divergence;
            auto const  all = detail::positions(d.positions, d.not_finite);
            detail::csv_line(out, s, name, "kl_divergence", all, t.task.data.kind, d.kl, nullptr, nullptr);
            detail::csv_line(out, s, name, "top_agreement", all, t.task.data.kind, d.top_agreement, nullptr, nullptr);
            detail::csv_line(out, s, name, "delta_p_rms", all, t.task.data.kind, d.delta_p_rms, nullptr, nullptr);
        }
        for (auto const& t : s.tasks) detail::csv_lines(out, s, t);
    }
    return out;
}

} // namespace qeval
