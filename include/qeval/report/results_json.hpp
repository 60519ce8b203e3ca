// results.json: `scores` is what was measured, byte for byte the same for any threads and batches; `run` is how it
// went. The schema is described in docs/results.md.
#pragma once

#include <cmath>
#include <string>

#include <qeval/eval/result/result.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/further_results.hpp>
#include <qeval/report/latency/latency_json.hpp>

namespace qeval {

namespace detail {

inline json number(double x) { return std::isfinite(x) ? json(x) : json(nullptr); } // JSON has no NaN
inline json to_json(estimate const& e) { return {{"value", number(e.value)}, {"stderr", number(e.error)}}; }
inline json to_json(interval const& i) { return json::array({number(i.low), number(i.high)}); }
inline json to_json(provenance const& p) {
    json out = json::object();
    for (auto const& [name, value] : p) out[name] = value;
    return out;
}
inline json to_json(percentile_table const& p) {
    return {{"max", number(p.max)}, {"99.9", number(p.p999)}, {"99", number(p.p99)},    {"95", number(p.p95)},
            {"90", number(p.p90)},  {"75", number(p.p75)},    {"50", number(p.median)}, {"25", number(p.p25)},
            {"10", number(p.p10)},  {"5", number(p.p5)},      {"1", number(p.p1)},      {"0.1", number(p.p01)},
            {"min", number(p.min)}};
}
inline json to_json(comparison const& c) {
    return {{"n", c.n},
            {"difference", to_json(c.difference)},
            {"bootstrap", to_json(c.bootstrap)},
            {"better", c.better},
            {"worse", c.worse},
            {"test", name_of(c.test)},
            {"p", number(c.p)},
            {"p_holm", number(c.p_holm)},
            {"detectable_difference", number(c.detectable)},
            {"items_needed", number(c.needed)},
            {"sentence", c.sentence}};
}
inline json to_json(std::vector<group_scores> const& groups) {
    json out = json::object();
    for (auto const& g : groups) {
        out[g.name] = {{"items", g.items}, {"value", number(g.score.value)}, {"stderr", number(g.score.error)}};
        if (g.failed > 0) out[g.name]["errors"] = g.failed;
    }
    return out;
}
inline json to_json(task_scores const& t) {
    json metrics = json::object();
    for (auto const& m : t.metrics) {
        json one = {{"value", number(m.score.value)},
                    {"stderr", number(m.score.error)},
                    {"higher_is_better", m.metric.higher_is_better}};
        if (m.metric.kind == metric_kind::proportion) one["wilson_95"] = to_json(m.wilson);
        if (m.chance) one["chance"] = number(*m.chance);
        if (m.against_reference) one["against_reference"] = to_json(*m.against_reference);
        metrics[m.metric.name] = std::move(one);
    }
    json out = {{"task", t.task},           {"protocol", t.protocol}, {"data_sha256", t.data_sha256},
                {"shots", t.shots},         {"items", t.items},       {"ties", t.ties},
                {"truncated", t.truncated}, {"errors", t.failed},     {"metrics", std::move(metrics)}};
    for (auto const& [kind, n] : t.failures) out["failures"][kind] = n;
    if (t.data.kind != data_kind::no_set) out["data"] = {{"kind", name_of(t.data.kind)}, {"words", t.data.words}};
    if (!t.not_compared.empty()) out["not_compared"] = t.not_compared;
    if (!t.categories.empty()) {
        out["categories"] = to_json(t.categories);
        out["subjects"]   = to_json(t.subjects);
    }
    return out;
}
inline json to_json(text_scores const& t) {
    auto const& p     = t.perplexity;
    json        out   = to_json(t.task);
    out["perplexity"] = {{"protocol", p.protocol},
                         {"value", number(p.perplexity.value)},
                         {"stderr", number(p.perplexity.error)},
                         {"mean_nll", to_json(p.mean_nll)},
                         {"window", p.window},
                         {"windows", p.windows},
                         {"scored_tokens", p.scored_tokens},
                         {"text_tokens", p.text_tokens},
                         {"not_finite", p.not_finite},
                         {"text_sha256", p.text_sha256}};
    if (t.change) {
        out["change"] = {{"ratio", to_json(t.change->ratio)},
                         {"log_ratio", to_json(t.change->log_ratio)},
                         {"difference", to_json(t.change->difference)},
                         {"correlation", number(t.change->correlation)}};
    }
    if (t.divergence) {
        auto const& d     = *t.divergence;
        out["divergence"] = {{"protocol", d.protocol},
                             {"positions", d.positions},
                             {"not_finite", d.not_finite},
                             {"kl", to_json(d.kl)},
                             {"kl_percentiles", to_json(d.kl_percentiles)},
                             {"top_agreement", to_json(d.top_agreement)},
                             {"delta_p", to_json(d.delta_p)},
                             {"delta_p_rms", to_json(d.delta_p_rms)},
                             {"acceptance",
                              {{"compared", d.acceptance.compared},
                               {"above_1e-4", d.acceptance.above_1e_4},
                               {"above_1e-3", d.acceptance.above_1e_3},
                               {"passes", d.acceptance.passes()}}},
                             {"delta_p_percentiles", to_json(d.delta_p_percentiles)}};
    }
    return out;
}

} // namespace detail

[[nodiscard]] inline json scores_json(evaluation_scores const& s) {
    json schemes = json::array();
    for (auto const& row : s.schemes) {
        json texts = json::array(), tasks = json::array();
        for (auto const& t : row.texts) texts.push_back(detail::to_json(t));
        for (auto const& t : row.tasks) tasks.push_back(detail::to_json(t));
        schemes.push_back({{"scheme", row.scheme},
                           {"bits_per_weight", detail::number(row.bits_per_weight)},
                           {"weight_bytes", row.weight_bytes},
                           {"notes", row.notes},
                           {"texts", std::move(texts)},
                           {"tasks", std::move(tasks)},
                           {"origin", detail::to_json(row.origin)}});
        for (auto const& t : row.tensors)
            schemes.back()["tensors"].push_back(
                {{"name", t.name}, {"format", t.format}, {"relative_rmse", detail::number(t.relative_rmse)}});
    }
    json statistics = {{"seed", s.statistics.seed},
                       {"replicates", s.statistics.replicates},
                       {"level", s.statistics.level},
                       {"power", s.statistics.power}};
    if (s.statistics.max_failed > 0) statistics["max_failed"] = s.statistics.max_failed;
    json out = {{"reference", s.reference},
                {"statistics", std::move(statistics)},
                {"schemes", std::move(schemes)},
                {"origin", detail::to_json(s.origin)}};
    if (!s.notes.empty()) out["notes"] = s.notes;
    return out;
}
[[nodiscard]] inline json run_json(evaluation_run const& r) {
    json schemes = json::array();
    for (auto const& s : r.schemes) {
        json tasks = json::array(), processes = json::array();
        for (auto const& t : s.tasks)
            tasks.push_back({{"task", t.what},
                             {"tokens_read", t.read},
                             {"tokens_written", t.written},
                             {"tokens_computed", t.computed < 0 ? json(nullptr) : json(t.computed)},
                             {"seconds", detail::number(t.seconds)}});
        for (auto const& p : s.processes)
            processes.push_back({{"process", p.process},
                                 {"load_seconds", detail::number(p.load_seconds)},
                                 {"peak_bytes", p.peak_bytes},
                                 {"threads", p.threads}});
        schemes.push_back({{"scheme", s.scheme},
                           {"kernel", s.kernel},
                           {"seconds", detail::number(s.seconds)},
                           {"load_seconds", detail::number(s.load_seconds)},
                           {"peak_bytes", s.peak_bytes},
                           {"tasks", std::move(tasks)},
                           {"processes", std::move(processes)}});
    }
    return {{"started", r.started},       {"seconds", detail::number(r.seconds)}, {"threads", r.threads},
            {"peak_bytes", r.peak_bytes}, {"schemes", std::move(schemes)},        {"host", detail::to_json(r.host)}};
}
[[nodiscard]] inline json results_json(evaluation_result const& r, further_results const& further = {}) {
    json out = {{"schema", evaluation_result::schema}, {"scores", scores_json(r.scores)}, {"run", run_json(r.run)}};
    if (!further.latency.empty()) out["run"]["latency"] = latency_json(further.latency);
    return out;
}

} // namespace qeval
