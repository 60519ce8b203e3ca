// A table of report.html: scrolls on its own, keeps its titles and its first column in sight.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/eval/result/result.hpp>
#include <qeval/report/text/markup.hpp>
#include <qeval/report/text/text_table.hpp>

namespace qeval::html {

class table {
public:
    // `label` is what a screen reader calls it.
    table(std::string_view label, std::vector<text_table::column> const& columns) {
        out_.append("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
            .append(markup::escaped(label));
        out_.append("\"><table>\n<thead><tr>");
        for (std::size_t c = 0; c < columns.size(); ++c) {
            words_.push_back(c > 0 && columns[c].left);
            out_.append(words_.back() ? "<th scope=\"col\" class=\"words\">" : "<th scope=\"col\">");
            out_.append(markup::breakable(columns[c].title)).append("</th>");
        }
        out_.append("</tr></thead>\n<tbody>\n");
    }

    // A row begins with its name; `place` is its number in the page's main table, which charts lead to.
    void row(std::string_view name, bool marked = false) { begin_row("", marked, markup::breakable(name)); }
    void numbered_row(std::size_t place, std::string_view name, bool marked) {
        std::string const number = std::to_string(place + 1);
        std::string       shown  = "<span class=\"no\">";
        shown.append(number).append("</span>").append(markup::breakable(name));
        begin_row(number, marked, shown);
    }
    void cell(std::string_view text) { cell_of(markup::escaped(text)); }
    // Ready-made markup, and what a pointer that rests on it reads.
    void cell_of(std::string_view inside, std::string_view title = "") {
        out_.append(words_[column_++] ? "<td class=\"words\"" : "<td");
        if (!title.empty()) out_.append(" title=\"").append(markup::escaped(title)).append("\"");
        out_.append(">").append(inside).append("</td>");
    }
    [[nodiscard]] std::string done() && {
        end_row();
        out_.append("</tbody></table></div>\n");
        return std::move(out_);
    }

private:
    void begin_row(std::string_view id, bool marked, std::string_view name) {
        end_row();
        out_.append("<tr");
        if (!id.empty()) out_.append(" id=\"scheme-").append(id).append("\"");
        if (marked) out_.append(" class=\"reference\"");
        out_.append("><th scope=\"row\">").append(name).append("</th>");
        column_ = 1;
    }
    void end_row() {
        if (column_ > 0) out_.append("</tr>\n");
    }

    std::string       out_;
    std::vector<bool> words_;
    std::size_t       column_ = 0; // the next cell's; 0 before the first row
};

[[nodiscard]] inline std::string table_of(std::string_view label, text_table const& t) {
    table out(label, t.columns());
    for (auto const& r : t.rows()) {
        out.row(r.cells[0], r.marked);
        for (std::size_t c = 1; c < r.cells.size(); ++c) out.cell(r.cells[c]);
    }
    return std::move(out).done();
}

// A part of the page that is folded away until a reader opens it; without on_paper it is not printed, either.
[[nodiscard]] inline std::string details(std::string_view summary, std::string_view inside, bool on_paper = true) {
    std::string out = on_paper ? "<details><summary>" : "<details class=\"more\"><summary>";
    out.append(markup::escaped(summary)).append("</summary>\n").append(inside).append("</details>\n");
    return out;
}

} // namespace qeval::html
