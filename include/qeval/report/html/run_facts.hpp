// How the run went, what it noted, and what one needs to repeat it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <qeval/eval/result/result.hpp>
#include <qeval/report/html/section.hpp>
#include <qeval/report/html/table.hpp>
#include <qeval/report/text/markup.hpp>
#include <qeval/report/text/text.hpp>
#include <qeval/report/text/work_text.hpp>

namespace qeval::html {

[[nodiscard]] inline section speed_section(evaluation_result const& result) {
    auto const& runs = result.run.schemes;
    if (runs.empty()) return {};
    std::vector<text_table::column> columns{{"scheme", true}, {"load s"}, {"all s"}, {"peak memory"}};
    for (auto const& task : runs[0].tasks) {
        columns.push_back({task.what + " s"});
        columns.push_back({task.what + " tok/s"});
        if (task.written > 0) columns.push_back({task.what + " written/s"});
    }
    columns.push_back({"kernel", true});
    table out("Speed and memory of every scheme", columns);
    for (auto const& r : runs) {
        out.row(r.scheme, r.scheme == result.scores.reference);
        out.cell(fixed(r.load_seconds, 2));
        out.cell(fixed(r.seconds, 1));
        out.cell(r.peak_bytes > 0 ? bytes_text(r.peak_bytes) : absent);
        for (auto const& task : runs[0].tasks) {
            auto const* const own = r.of(task.what);
            out.cell(seconds_text(own, 1));
            out.cell(rate_text(own));
            if (task.written > 0) out.cell(written_rate_text(own));
        }
        out.cell(r.kernel);
    }
    section s{"speed", "Speed and memory", ""};
    s.body = "<p>" + markup::escaped(std::string(speed_meaning) + " " + work_note(result.run)) + "</p>\n";
    s.body += std::move(out).done();
    return s;
}

[[nodiscard]] inline section note_section(evaluation_result const& result) {
    section    s{"notes", "Notes", ""};
    auto const list = [](std::vector<std::string> const& notes) {
        std::string lines = "<ul>\n";
        for (auto const& n : notes) lines.append("<li>").append(markup::escaped(n)).append("</li>\n");
        return lines.append("</ul>");
    };
    if (!result.scores.notes.empty()) s.body += list(result.scores.notes) + "\n";
    for (auto const& row : result.scores.schemes) {
        if (!row.notes.empty()) s.body += details(row.scheme + text(": {}", row.notes.size()), list(row.notes));
    }
    return s;
}

[[nodiscard]] inline section origin_section(evaluation_result const& result) {
    section    s{"origin", "Provenance", "<dl>\n"};
    auto const put = [&](std::string_view name, std::string_view value) {
        s.body.append("<dt>")
            .append(markup::escaped(name))
            .append("</dt><dd>")
            .append(markup::escaped(value))
            .append("</dd>\n");
    };
    for (auto const& [name, value] : result.scores.origin) put(name, value);
    if (!result.scores.schemes.empty()) {
        auto const& first = result.scores.schemes[0];
        for (auto const& t : first.texts)
            put(t.task.task, t.perplexity.protocol + "; text sha256 " + t.perplexity.text_sha256);
        for (auto const& t : first.tasks) put(t.task, t.protocol + "; data sha256 " + t.data_sha256);
    }
    for (auto const& row : result.scores.schemes)
        for (auto const& [name, value] : row.origin) put(row.scheme + ", " + name, value);
    for (auto const& [name, value] : result.run.host) put(name, value);
    auto const& how = result.scores.statistics;
    put("statistics", text("seed {}, {} resamples, level {:g}", how.seed, how.replicates, how.level));
    s.body += "</dl>\n";
    return s;
}

} // namespace qeval::html
