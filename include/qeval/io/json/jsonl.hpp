// One JSON value a line. CRLF and a byte order mark are tolerated, blank lines skipped; a torn last line is an error
// with its number, never a shorter data set.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include <qeval/core/macros.hpp>
#include <qeval/io/json/json_document.hpp>

namespace qeval {

inline constexpr std::size_t jsonl_line_limit = std::size_t{16} << 20;

using jsonl_row = std::function<void(std::size_t line, json_document const& row)>; // lines are counted from 1

// Every line of a text; `file` is what errors call it.
QEVAL_BASE_ONCE void for_each_jsonl_line(std::string_view text, std::string const& file, jsonl_row const& row);
// How many rows for_each_jsonl_line finds, unless it refuses one.
[[nodiscard]] QEVAL_BASE_ONCE std::size_t count_jsonl_lines(std::string_view text);
QEVAL_BASE_ONCE void                      for_each_jsonl_row(std::filesystem::path const& path, jsonl_row const& row);

} // namespace qeval

#if !defined(QEVAL_BASE_LIBRARY)
#    include <qeval/io/json/jsonl_body.hpp>
#endif
