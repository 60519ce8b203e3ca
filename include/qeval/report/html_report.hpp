// report.html: the whole evaluation on one page that needs nothing else, neither network nor script. Drawn as SVG,
// light and dark; it can be walked by keyboard and printed, and every figure is also a table.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/counted.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/report/html/divergence.hpp>
#include <qeval/report/html/layer_errors.hpp>
#include <qeval/report/html/pareto.hpp>
#include <qeval/report/html/run_facts.hpp>
#include <qeval/report/html/score_table.hpp>
#include <qeval/report/html/section.hpp>
#include <qeval/report/html/style.hpp>
#include <qeval/report/html/table.hpp>
#include <qeval/report/text/markup.hpp>
#include <qeval/report/text/text_table.hpp>

namespace qeval {

// A section that only some runs have: latency, attribution.
struct titled_table {
    std::string id, title, note; // id: a word; note: what the numbers are
    text_table  table;
};

[[nodiscard]] inline std::string html_report(evaluation_result const&         result,
                                             std::vector<titled_table> const& further = {}) {
    std::vector<html::section> sections{html::pareto_section(result), html::score_section(result),
                                        html::divergence_section(result), html::layer_section(result)};
    for (auto const& t : further) {
        std::string body = "<p>";
        body.append(markup::escaped(t.note)).append("</p>\n").append(html::table_of(t.title, t.table));
        sections.push_back({t.id, t.title, std::move(body)});
    }
    for (auto s : {html::speed_section(result), html::note_section(result), html::origin_section(result)})
        sections.push_back(std::move(s));
    std::erase_if(sections, [](html::section const& s) { return s.body.empty(); });

    std::string model = "model";
    for (auto const& [name, value] : result.scores.origin)
        if (name == "model") model = value;
    std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                      "<link rel=\"icon\" href=\"data:,\"><title>qeval: what quantizing costs</title><style>";
    out.append(html::style)
        .append("</style></head>\n<body>\n<header><h1>What quantizing costs</h1>\n<p class=\"dim\">");
    out.append(markup::escaped(model))
        .append(" &middot; " + counted(result.scores.schemes.size(), "schemes") + " against <strong>");
    out.append(markup::escaped(result.scores.reference))
        .append("</strong> &middot; ")
        .append(markup::escaped(result.run.started));
    out.append("</p>\n<nav aria-label=\"Sections\">");
    for (auto const& s : sections)
        out.append("<a href=\"#").append(s.id).append("\">").append(markup::escaped(s.title)).append("</a> ");
    out.append("</nav></header>\n<main>\n");
    for (auto const& s : sections) {
        out.append("<section id=\"").append(s.id).append("\"><h2>").append(markup::escaped(s.title)).append("</h2>\n");
        out.append(s.body).append("</section>\n");
    }
    return out.append("</main>\n</body></html>\n");
}

} // namespace qeval
