// The JSON library, and what of it the rest of qeval may see: values for output, and a stream of events for input.
// To read a document use io/json/json_document.hpp. The only header that includes nlohmann_json.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <qeval/core/macros.hpp>

namespace qeval {

using json        = nlohmann::ordered_json;        // for output: keys keep the order in which they were written
using json_node   = nlohmann::json;                // for input: logarithmic look-up and duplicate check
using json_events = nlohmann::json_sax<json_node>; // what reading a text calls, value by value

// One line, or indented; bytes that are no UTF-8 become U+FFFD instead of an exception.
[[nodiscard]] QEVAL_BASE_ONCE std::string json_text(json const& value, int indent = -1);
// One line of ASCII: all else as \u escapes.
[[nodiscard]] QEVAL_BASE_ONCE std::string json_ascii_text(json const& value);
[[nodiscard]] QEVAL_BASE_ONCE std::string json_node_text(json_node const& value);
// A value that another program sent; nothing where the text is no JSON. Files are read with parse_json, under limits.
[[nodiscard]] QEVAL_BASE_ONCE std::optional<json> json_of(std::string_view text);

// Sends the events of a text to a handler. `reached` is where reading stands, so that an error inside a handler has a
// byte offset.
QEVAL_BASE_ONCE bool parse_json_events(std::string_view text, json_events& handler, char const*& reached);

} // namespace qeval

#if !defined(QEVAL_BASE_LIBRARY)
#    include <qeval/io/json/json_body.hpp>
#endif
