// A table of cells, as terminal text or Markdown. On a terminal it keeps to a width: titles are stacked, then the last
// column's words go on below, then further columns go to further tables that repeat the first one.
#pragma once

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/report/text/display_text.hpp>

namespace qeval {

class text_table {
public:
    struct column {
        std::string title;
        bool        left   = false; // numbers stand right
        bool        joined = false; // never parted from the column before it
    };
    struct row {
        std::vector<std::string> cells;
        bool                     marked;
    };
    static constexpr std::size_t      page_width = 100, least_words = 28, least_name = 9;
    static constexpr std::string_view word_ends = " /-";

    explicit text_table(std::vector<column> columns) : columns_(std::move(columns)) {}

    // One cell for each column; a row may be marked, which a terminal shows in bold.
    void add(std::vector<std::string> cells, bool marked = false) {
        for (auto& c : cells) c = without_controls(c);
        rows_.push_back({std::move(cells), marked});
    }

    [[nodiscard]] std::vector<column> const& columns() const { return columns_; }
    [[nodiscard]] std::vector<row> const&    rows() const { return rows_; }

    // Itself, or tables that fit; what cannot fit stays wider.
    [[nodiscard]] std::vector<text_table> parts(std::size_t limit = page_width) const {
        auto const                            width = narrow_widths();
        std::vector<std::vector<std::size_t>> chosen(1, {0});
        std::size_t                           used = 1 + width[0];
        for (std::size_t c = 1, end = 0; c < columns_.size(); c = end) {
            end = c + 1;
            while (end < columns_.size() && columns_[end].joined) ++end;
            std::size_t group = 0;
            for (std::size_t i = c; i < end; ++i)
                group += 2 + (i + 1 < columns_.size() ? width[i] : least_width(width));
            if (used + group > limit && chosen.back().size() > 1) {
                chosen.push_back({0});
                used = 1 + width[0];
            }
            for (std::size_t i = c; i < end; ++i) chosen.back().push_back(i);
            used += group;
        }
        std::vector<text_table> tables;
        for (auto const& some : chosen) tables.push_back(only(some));
        return tables;
    }
    [[nodiscard]] std::string terminal(bool color, std::size_t limit = page_width) const {
        std::string out;
        for (auto const& t : parts(limit)) {
            if (!out.empty()) out += '\n';
            t.print(out, color, limit);
        }
        return out;
    }
    [[nodiscard]] std::string markdown() const {
        std::string out;
        auto const  put = [&out](std::string const& cell) { out.append("| ").append(markdown_cell(cell)).append(" "); };
        for (auto const& c : columns_) put(c.title);
        out += "|\n";
        for (auto const& c : columns_) out += c.left ? "|:---" : "|---:";
        out += "|\n";
        for (auto const& r : rows_) {
            for (auto const& c : r.cells) put(c);
            out += "|\n";
        }
        return out;
    }

private:
    [[nodiscard]] text_table only(std::vector<std::size_t> const& some) const {
        std::vector<column> columns;
        for (std::size_t const c : some) columns.push_back(columns_[c]);
        text_table t(std::move(columns));
        for (auto const& r : rows_) {
            std::vector<std::string> cells;
            for (std::size_t const c : some) cells.push_back(r.cells[c]);
            t.add(std::move(cells), r.marked);
        }
        return t;
    }
    [[nodiscard]] std::size_t cells_width(std::size_t c) const {
        std::size_t w = 0;
        for (auto const& r : rows_) w = std::max(w, display_width(r.cells[c]));
        return w;
    }
    [[nodiscard]] std::vector<std::size_t> narrow_widths() const { // with stacked titles
        std::vector<std::size_t> w;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            std::size_t const cells = cells_width(c);
            w.push_back(std::max(cells, widest(stacked(columns_[c].title, cells))));
        }
        return w;
    }
    // The least width of the last column, whose words may go on below: sentences keep some room, names are broken where
    // they can be.
    [[nodiscard]] std::size_t least_width(std::vector<std::size_t> const& width) const {
        if (!columns_.back().left) return width.back();
        if (width.back() > least_words) return least_words;
        std::size_t longest = std::min(width.back(), least_name);
        for (auto const& r : rows_) longest = std::max(longest, widest(broken(r.cells.back(), 0, word_ends)));
        return longest;
    }
    void print(std::string& out, bool color, std::size_t limit) const {
        std::vector<std::vector<std::string>> titles;
        std::vector<std::size_t>              width;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            titles.push_back({columns_[c].title});
            width.push_back(std::max(cells_width(c), display_width(columns_[c].title)));
        }
        auto const total = [&] { return std::accumulate(width.begin(), width.end(), 2 * width.size() - 1); };
        if (total() > limit) {
            width = narrow_widths();
            for (std::size_t c = 0; c < columns_.size(); ++c) titles[c] = stacked(columns_[c].title, width[c]);
        }
        if (total() > limit && columns_.back().left) {
            std::size_t const others = total() - width.back();
            width.back()             = std::max(least_width(width), limit > others ? limit - others : 0);
        }
        std::size_t lines = 0;
        for (auto const& t : titles) lines = std::max(lines, t.size());
        for (auto& t : titles) t.insert(t.begin(), lines - t.size(), "");
        print_lines(out, titles, width, color ? "\x1b[2m" : "");
        out += ' ';
        for (std::size_t i = 1; i < total(); ++i) out += "─";
        out += '\n';
        for (auto const& r : rows_) {
            std::vector<std::vector<std::string>> cells;
            for (auto const& c : r.cells) cells.push_back({c});
            if (columns_.back().left) cells.back() = broken(r.cells.back(), width.back(), word_ends);
            print_lines(out, cells, width, r.marked && color ? "\x1b[1m" : "");
        }
    }
    // A row of cells that have one or more lines each.
    void print_lines(std::string& out, std::vector<std::vector<std::string>> const& cells,
                     std::vector<std::size_t> const& width, std::string_view style) const {
        std::size_t lines = 0;
        for (auto const& c : cells) lines = std::max(lines, c.size());
        for (std::size_t i = 0; i < lines; ++i) {
            std::string text;
            for (std::size_t c = 0; c < cells.size(); ++c) {
                std::string const cell = i < cells[c].size() ? cells[c][i] : "";
                std::size_t const used = display_width(cell);
                std::string const pad(width[c] > used ? width[c] - used : 0, ' ');
                text.append(c == 0 ? " " : "  ")
                    .append(columns_[c].left ? cell : pad)
                    .append(columns_[c].left ? pad : cell);
            }
            text.erase(text.find_last_not_of(' ') + 1);
            out.append(style).append(text).append(style.empty() ? "" : "\x1b[0m") += '\n';
        }
    }

    std::vector<column> columns_;
    std::vector<row>    rows_;
};

} // namespace qeval
