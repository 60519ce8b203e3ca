// jsonl.hpp: the lines of a text, and what a broken one is called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/io/file/mapped_file.hpp>
#include <qeval/io/json/json_document.hpp>
#include <qeval/io/json/json_limits.hpp>
#include <qeval/io/json/jsonl.hpp>
#include <qeval/io/text/utf8.hpp>

namespace qeval {

QEVAL_BASE_ONCE void for_each_jsonl_line(std::string_view text, std::string const& file, jsonl_row const& row) {
    json_limits const limits{jsonl_line_limit, 2'000'000, 64, "DS06"};
    text = without_byte_order_mark(text);
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::size_t const end  = text.find('\n');
        std::string_view  line = text.substr(0, end);
        text                   = end == text.npos ? std::string_view() : text.substr(end + 1);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        std::string const place = file + " line " + std::to_string(number);
        if (line.size() > jsonl_line_limit) {
            throw file_error{{"DS01", place, std::to_string(line.size()) + " bytes",
                              "at most " + std::to_string(jsonl_line_limit) + " bytes a line",
                              "line breaks that were lost, or no JSON lines"}};
        }
        if (line.find_first_not_of(" \t") == line.npos) continue;
        try {
            row(number, parse_json(line, place, limits));
        } catch (file_error const& e) {
            diagnostic why = e.why();
            if (why.id == "JS01" && end == text.npos && !why.likely.empty()) {
                why = {"DS02", place, "a line that breaks off", "a complete last line", "an incomplete download"};
            } else if (auto const bad = first_bad_utf8(line); why.id == "JS01" && bad) {
                why = {"DS07", place + " @ byte " + std::to_string(*bad), "bytes that are not UTF-8", "UTF-8",
                       "a file in another encoding"};
            } else if (why.id == "DS06" && why.likely.empty()) {
                why.likely = "rows of another layout";
            }
            throw file_error{std::move(why)};
        }
    }
}

QEVAL_BASE_ONCE std::size_t count_jsonl_lines(std::string_view text) {
    std::size_t count = 0;
    for (text = without_byte_order_mark(text); !text.empty();) {
        std::size_t const end = text.find('\n');
        count += text.substr(0, end).find_first_not_of(" \t\r") != text.npos;
        text = end == text.npos ? std::string_view() : text.substr(end + 1);
    }
    return count;
}

QEVAL_BASE_ONCE void for_each_jsonl_row(std::filesystem::path const& path, jsonl_row const& row) {
    mapped_file const file(path);
    refuse_lfs_pointer(file);
    std::uint64_t const most = std::uint64_t{4} << 30;
    if (file.size() > most) {
        throw file_error{
            {"DS01", file.name(), std::to_string(file.size()) + " bytes", "at most " + std::to_string(most), ""}};
    }
    for_each_jsonl_line(file.read_text(0, file.size()), file.name(), row);
}

} // namespace qeval
