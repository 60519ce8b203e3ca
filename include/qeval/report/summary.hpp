// summary.md: the tables of an evaluation for people, with what they need to trust and repeat it.
#pragma once

#include <cstddef>
#include <string>

#include <qeval/core/counted.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/report/further_results.hpp>
#include <qeval/report/latency/latency_table.hpp>
#include <qeval/report/published/published_layouts.hpp>
#include <qeval/report/scheme_table.hpp>
#include <qeval/report/text/item_counts_text.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/work_text.hpp>

namespace qeval {

inline constexpr std::size_t wide_page = 140; // what a browser shows of a Markdown table without scrolling

[[nodiscard]] inline std::string summary_markdown(evaluation_result const& r, further_results const& further = {}) {
    auto const& scores = r.scores;
    std::string out =
        "# What quantizing costs\n\nReference: `" + scores.reference + "`. Differences are paired, item by item.\n\n";
    for (auto const& part : scheme_table(r, further.latency).parts(wide_page)) out += part.markdown() + "\n";
    for (auto const& line : failure_lines(scores)) out += "- **!** " + line + "\n";
    for (auto const& line : counts_lines(scores)) out += "- " + line + "\n";
    out += "\n";
    if (!scores.schemes.empty() && !scores.schemes[0].texts.empty()) {
        out += "## Perplexity and divergence\n\n" + protocol_table(r).markdown() + "\n";
        for (auto const& t : scores.schemes[0].texts) out += "- `" + t.task.task + "`: " + t.perplexity.protocol + "\n";
    }
    for (std::size_t t = 0; !scores.schemes.empty() && t < scores.schemes[0].tasks.size(); ++t) {
        auto const& task = scores.schemes[0].tasks[t];
        out += "\n## " + task.task + "\n\n" +
               text("{}. Protocol: {}\n\n", counted(task.items, "items"), task.protocol) + task_table(r, t).markdown();
        if (is_code(task)) out += "\n" + code_layout(r, t).markdown();
        if (task.categories.empty()) continue;
        out += "\n" + exam_layout(r, t).markdown() + "\n" + exam_category_layout(r, t).markdown();
    }
    if (!further.latency.empty())
        out += "\n## Latency and memory\n\n" + latency_layout(r, further.latency).markdown() + "\n" +
               memory_table(further.latency).markdown();
    if (!further.attributed.empty() && !scores.schemes.empty() && !scores.schemes[0].texts.empty()) {
        out += "\n## Where the loss comes from\n\n" + attribution_table(r, further.attributed).markdown();
    }
    out += "\n## Notes\n\n";
    for (auto const& n : scores.notes) out += "- " + n + "\n";
    for (auto const& s : scores.schemes) {
        for (auto const& n : s.notes) out += "- `" + s.scheme + "`: " + n + "\n";
    }
    if (!scores.schemes.empty() && !scores.schemes[0].texts.empty()) out += "- " + speed_note(r) + "\n";
    out += "- " + work_note(r.run) + "\n";
    out += "\n## Provenance\n\n";
    for (auto const& [name, value] : scores.origin) out += "- " + name + ": " + value + "\n";
    for (auto const& [name, value] : r.run.host) out += "- " + name + ": " + value + "\n";
    return out;
}

} // namespace qeval
