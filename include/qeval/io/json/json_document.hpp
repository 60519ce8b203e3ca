// A JSON text from outside, parsed under limits. The library alone accepts duplicate keys (the last one wins), any
// depth (its destructor and copies then overflow the stack), a byte order mark, NUL in keys, and 2^64 as a double.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/error.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/io/json/json_limits.hpp>
#include <qeval/io/json/json_value.hpp>

namespace qeval {

class json_document {
public:
    explicit json_document(std::unique_ptr<json_source const> source) : source_(std::move(source)) {}

    [[nodiscard]] json_value root() const { return {*source_, source_->root}; }
    // Shorthands for the root object.
    [[nodiscard]] json_value                at(std::string_view key) const { return root().at(key); }
    [[nodiscard]] std::optional<json_value> find(std::string_view key) const { return root().find(key); }
    [[nodiscard]] std::string const&        file() const { return source_->file; }
    // What was parsed, members in its own order; only as long as the parser's caller keeps it.
    [[nodiscard]] std::string_view text() const { return source_->text; }

private:
    std::unique_ptr<json_source const> source_; // at a fixed address: values point to it
};

// `file` is what errors call the text.
[[nodiscard]] QEVAL_BASE_ONCE json_document parse_json(std::string_view text, std::string file,
                                                       json_limits const& limits = {});

} // namespace qeval

#if !defined(QEVAL_BASE_LIBRARY)
#    include <qeval/io/json/json_document_body.hpp>
#endif
