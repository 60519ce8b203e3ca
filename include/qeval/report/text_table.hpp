// A table of cells, as terminal text or Markdown.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace qeval {

// Columns on a terminal: code points, of which ours are all one column wide.
[[nodiscard]] inline std::size_t display_width(std::string_view s) {
    return static_cast<std::size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

class text_table {
public:
    struct column {
        std::string title;
        bool        left = false; // numbers stand right
    };
    explicit text_table(std::vector<column> columns) : columns_(std::move(columns)) {}

    // One cell for each column; a row may be marked, which a terminal shows in bold.
    void add(std::vector<std::string> cells, bool marked = false) { rows_.push_back({std::move(cells), marked}); }

    [[nodiscard]] std::string terminal(bool color) const {
        auto const  width = widths();
        std::string out;
        line(out, titles(), width, color ? "\x1b[2m" : "", color);
        std::size_t total = 2 * (width.size() - 1) + 1;
        for (auto w : width) total += w;
        out += ' ';
        for (std::size_t i = 1; i < total; ++i) out += "─";
        out += '\n';
        for (auto const& r : rows_) line(out, r.cells, width, r.marked && color ? "\x1b[1m" : "", color);
        return out;
    }
    [[nodiscard]] std::string markdown() const {
        std::string out;
        auto const  put = [&out](std::vector<std::string> const& cells) {
            for (auto const& c : cells) out += "| " + c + " ";
            out += "|\n";
        };
        put(titles());
        for (auto const& c : columns_) out += c.left ? "|:---" : "|---:";
        out += "|\n";
        for (auto const& r : rows_) put(r.cells);
        return out;
    }

private:
    struct row {
        std::vector<std::string> cells;
        bool                     marked;
    };
    [[nodiscard]] std::vector<std::string> titles() const {
        std::vector<std::string> t;
        for (auto const& c : columns_) t.push_back(c.title);
        return t;
    }
    [[nodiscard]] std::vector<std::size_t> widths() const {
        std::vector<std::size_t> w;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            w.push_back(display_width(columns_[c].title));
            for (auto const& r : rows_) w[c] = std::max(w[c], display_width(r.cells[c]));
        }
        return w;
    }
    void line(std::string& out, std::vector<std::string> const& cells, std::vector<std::size_t> const& width, char const* style, bool color) const {
        out += style;
        std::string text;
        for (std::size_t c = 0; c < cells.size(); ++c) {
            std::string const pad(width[c] - display_width(cells[c]), ' ');
            text += (c == 0 ? " " : "  ") + (columns_[c].left ? cells[c] + pad : pad + cells[c]);
        }
        while (!text.empty() && text.back() == ' ') text.pop_back();
        out += text;
        if (color && *style) out += "\x1b[0m";
        out += '\n';
    }

    std::vector<column> columns_;
    std::vector<row>    rows_;
};

} // namespace qeval
