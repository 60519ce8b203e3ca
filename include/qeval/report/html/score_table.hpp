// Every score of every scheme with its paired mark, and each task in words.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <qeval/core/counted.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/report/html/quality.hpp>
#include <qeval/report/html/section.hpp>
#include <qeval/report/html/table.hpp>
#include <qeval/report/text/item_counts_text.hpp>
#include <qeval/report/text/markup.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::html {

// Value, dimmed error, a mark where some of the items failed, and whether the corrected paired test tells the scheme
// from the reference.
inline void score_cell(table& out, estimate score, task_scores const& t, metric_scores const& m, double level) {
    std::string const shown  = with_error(score, m.metric.kind == metric_kind::proportion ? 100 : 1);
    std::size_t const error  = shown.find(" ±");
    std::string       inside = markup::escaped(shown.substr(0, error));
    if (error != shown.npos) inside.append(" <span class=\"err\">").append(shown.substr(error + 1)).append("</span>");
    if (t.failed > 0) inside.append(" <span class=\"failed\">!</span>");
    if (is_partial(t)) inside.append(" <span class=\"failed\">partial</span>");
    auto const& against = m.against_reference;
    if (against && against->p_holm < level) {
        bool const better = (against->difference.value > 0) == m.metric.higher_is_better;
        inside.append(better ? "<span class=\"mark good\">&#9650;</span>" : "<span class=\"mark bad\">&#9660;</span>");
    } else {
        inside.append("<span class=\"mark\"></span>");
    }
    out.cell_of(inside, against ? against->sentence : t.not_compared);
}

// The first metric's pairs item by item, and its values by category.
[[nodiscard]] inline std::string task_details(evaluation_scores const& scores, std::size_t task) {
    auto const&                     first = scores.schemes[0].tasks[task];
    std::vector<text_table::column> columns{{"scheme", true}, {"failed"}, {"truncated"}, {"tied"},
                                            {"won"},          {"lost"},   {"p"},         {"p, corrected"}};
    for (auto const& c : first.categories) columns.push_back({text("{} ({}) %", c.name, c.items)});
    columns.push_back({"against " + scores.reference, true});
    table out(first.task, columns);
    for (auto const& s : scores.schemes) {
        auto const& t = s.tasks[task];
        auto const& c = t.metrics[0].against_reference;
        out.row(s.scheme, s.scheme == scores.reference);
        for (index const n : {t.failed, t.truncated, t.ties}) out.cell(std::to_string(n));
        out.cell(c ? std::to_string(c->better) : absent);
        out.cell(c ? std::to_string(c->worse) : absent);
        out.cell(c ? p_value(c->p) : absent);
        out.cell(c ? p_value(c->p_holm) : absent);
        for (auto const& g : t.categories) out.cell(score_text(g.score, 100, {g.failed, is_partial(t)}));
        out.cell(c ? c->sentence : t.not_compared.empty() ? "the reference" : t.not_compared);
    }
    std::string inside = "<p class=\"dim\">";
    inside.append(markup::escaped(first.protocol)).append("</p>\n").append(std::move(out).done());
    return details(first.task + ": " + counted(first.items, "items") + ", paired", inside);
}

[[nodiscard]] inline section score_section(evaluation_result const& result) {
    auto const& scores = result.scores;
    if (scores.schemes.empty()) return {};
    auto const&                     first = scores.schemes[0];
    std::vector<text_table::column> columns{{"scheme", true}, {"bits/weight"}, {"weights"}};
    for (auto const& t : first.texts)
        for (auto const& m : t.task.metrics)
            columns.push_back({t.task.task + (m.metric.name == "perplexity" ? "" : " " + m.metric.name)});
    for (auto const& t : first.tasks)
        for (auto const& m : t.metrics)
            columns.push_back({t.task + " " + m.metric.name + (m.metric.kind == metric_kind::proportion ? " %" : "")});
    table out("Scores of every scheme", columns);
    for (std::size_t i = 0; i < scores.schemes.size(); ++i) {
        auto const& s = scores.schemes[i];
        out.numbered_row(i, s.scheme, i == 0);
        out.cell(fixed(s.bits_per_weight, 3));
        out.cell(bytes_text(s.weight_bytes));
        for (auto const& t : s.texts)
            for (auto const& m : t.task.metrics) score_cell(out, shown_score(t, m), t.task, m, scores.statistics.level);
        for (auto const& t : s.tasks)
            for (auto const& m : t.metrics) score_cell(out, m.score, t, m, scores.statistics.level);
    }
    auto const failures = failure_lines(scores);
    section    s{"scores", "Scores",
              "<p>Behind ±: one standard error. <span class=\"good\">&#9650;</span> better and <span "
                 "class=\"bad\">&#9660;</span> worse than <strong>"};
    s.body.append(markup::escaped(scores.reference));
    s.body += text("</strong> by the paired test, corrected for all comparisons of the table (Holm, level {:g}); "
                   "without a mark the two cannot be told apart with this many items{}.</p>\n",
                   scores.statistics.level,
                   failures.empty() ? "" : ", or the reference failed. <strong>!</strong> over failed items");
    s.body += std::move(out).done();
    s.body += "<ul>\n";
    for (auto const& line : failures)
        s.body.append("<li><strong class=\"failed\">!</strong> ").append(markup::escaped(line)).append("</li>\n");
    for (auto const& line : counts_lines(scores)) s.body.append("<li>").append(markup::escaped(line)).append("</li>\n");
    s.body += "</ul>\n";
    for (std::size_t t = 0; t < first.tasks.size(); ++t) s.body += task_details(scores, t);
    return s;
}

} // namespace qeval::html
