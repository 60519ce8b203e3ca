// Comma-separated values (RFC 4180): a field in quotes may hold commas, line breaks and, doubled, quotes. CRLF, a byte
// order mark and blank lines are tolerated, as readers of the field do.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/text/utf8.hpp>

namespace qeval {

struct csv_row {
    std::size_t              line = 1; // where it begins, from 1
    std::vector<std::string> fields;
};

inline constexpr std::size_t csv_field_limit = std::size_t{16} << 20;
inline constexpr std::size_t csv_width_limit = 1000; // an empty field takes 32 times its comma

// All rows of a text; `file` is what errors call it. Whether rows must be equally long is the caller's business.
[[nodiscard]] inline std::vector<csv_row> parse_csv(std::string_view text, std::string const& file) {
    auto const place = [&](std::size_t line) { return file + " line " + std::to_string(line); };
    refuse_bad_utf8(text, file);
    text = without_byte_order_mark(text);
    std::vector<csv_row> rows;
    csv_row              row;
    std::string          field;
    std::size_t          line = 1, opened = 0;           // opened: the line of the quote that is still open
    bool                 in_quotes = false, any = false; // any: this row has a character or a comma
    auto const           end_field = [&] {
        if (field.size() > csv_field_limit) {
            throw file_error{{"DS01", place(row.line), "a field of " + std::to_string(field.size()) + " bytes",
                              "at most " + std::to_string(csv_field_limit), "a quote that is never closed"}};
        }
        if (row.fields.size() == csv_width_limit) {
            throw file_error{{"DS01", place(row.line), "more fields than " + std::to_string(csv_width_limit),
                              "no more than that", "line breaks that were lost, or no CSV"}};
        }
        row.fields.push_back(std::exchange(field, {}));
    };
    auto const end_row = [&] {
        if (any) {
            end_field();
            rows.push_back(std::exchange(row, {}));
        }
        any      = false;
        row.line = line + 1;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (in_quotes) {
            if (c == '\n') ++line;
            if (c != '"') {
                field += c;
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                field += text[++i];
            } else {
                in_quotes = false; // what follows up to the comma belongs to the field, as it is
                // But a quote that nothing closes takes in whole rows, up to the next one's opening quote.
                if (line > opened && i + 1 < text.size() &&
                    std::string_view(",\r\n").find(text[i + 1]) == std::string_view::npos) {
                    throw file_error{{"DS04", place(opened),
                                      "a quote with text behind its end in line " + std::to_string(line),
                                      "a comma or a line break there", "a closing quote that was lost"}};
                }
            }
        } else if (c == '"' && field.empty()) {
            in_quotes = any = true;
            opened          = line;
        } else if (c == ',') {
            any = true;
            end_field();
        } else if (c == '\n' || (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')) {
            i += c == '\r';
            end_row();
            ++line;
        } else {
            any = true;
            field += c;
        }
    }
    if (in_quotes) {
        throw file_error{
            {"DS04", place(opened), "a quote that is never closed", "a closing quote", "an incomplete download"}};
    }
    end_row();
    return rows;
}

} // namespace qeval
