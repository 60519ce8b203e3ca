// Cuts a text file into rows as Hugging Face's data sets do, and joins them as evaluators that use these data sets do.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include <qeval/eval/data/python_text.hpp>
#include <qeval/io/json/jsonl.hpp>
#include <qeval/io/text/utf8.hpp>

namespace qeval {

// Joins at most `most` rows by `separator`. A row is a line with its line break; a line of white space alone is an
// empty row. (So does the loader of wikitext.)
[[nodiscard]] inline std::string joined_rows(std::string_view text, std::string_view separator,
                                             std::size_t most = std::numeric_limits<std::size_t>::max()) {
    std::string out;
    for (std::size_t row = 0; row < most && !text.empty(); ++row) {
        std::size_t const end  = text.find('\n');
        std::string_view  line = text.substr(0, end == text.npos ? text.size() : end + 1);
        text.remove_prefix(line.size());
        if (row > 0) out += separator;
        if (!stripped(line).empty()) out += line;
    }
    return out;
}

// Joins at most `most` rows of JSON lines by `separator`; a row is the member "text", or else "sentence". A file that
// does not begin with "{" has a row in each line, without the line break. `place` is what errors call the file.
[[nodiscard]] inline std::string joined_texts(std::string_view file, std::string const& place,
                                              std::string_view separator,
                                              std::size_t      most = std::numeric_limits<std::size_t>::max()) {
    file = without_byte_order_mark(file);
    std::string out;
    std::size_t rows = 0;
    auto const  take = [&](std::string_view row) {
        if (rows < most) (rows > 0 ? out.append(separator) : out).append(row);
        ++rows;
    };
    if (file.starts_with('{')) {
        for_each_jsonl_line(file, place, [&](std::size_t, json_document const& row) {
            auto const text = row.find("text");
            take(text ? text->string() : row.at("sentence").string());
        });
        return out;
    }
    while (!file.empty()) {
        std::size_t const end = file.find('\n');
        std::string_view  row = file.substr(0, end);
        if (row.ends_with('\r')) row.remove_suffix(1);
        take(row);
        file = end == file.npos ? std::string_view() : file.substr(end + 1);
    }
    return out;
}

} // namespace qeval
