// error.hpp: the texts of errors. Every unit throws.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/decode_utf8.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/core/printable_text.hpp>

namespace qeval {

QEVAL_BASE_ONCE std::string diagnostic::text() const {
    std::string s = "error[" + id + "] " + place + ": found " + found + ", expected " + expected + ".";
    if (!likely.empty()) s += " Likely: " + likely;
    return s;
}

QEVAL_BASE_ONCE error::error(exit_status status, diagnostic d)
    : std::runtime_error(d.text()), status_(status), diagnostic_(std::move(d)) {}
QEVAL_BASE_ONCE usage_error::usage_error(diagnostic d) : error(exit_status::usage, std::move(d)) {}
QEVAL_BASE_ONCE file_error::file_error(diagnostic d) : error(exit_status::bad_file, std::move(d)) {}
QEVAL_BASE_ONCE environment_error::environment_error(diagnostic d) : error(exit_status::environment, std::move(d)) {}
QEVAL_BASE_ONCE item_error::item_error(diagnostic d) : error(exit_status::item_errors, std::move(d)) {}
QEVAL_BASE_ONCE internal_error::internal_error(diagnostic d) : error(exit_status::internal, std::move(d)) {}

QEVAL_BASE_ONCE std::string quoted(std::string_view text, std::size_t limit) {
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size();) {
        code_point const c = decode_utf8(text, i);
        if (i + c.length > limit) {
            out += "...(" + std::to_string(text.size()) + " bytes)";
            break;
        }
        auto const bytes = text.substr(i, c.length);
        bool const plain = c.valid && is_printable(c.value) && c.value != '"' && c.value != '\\';
        plain ? out.append(bytes) : out.append(escaped_bytes(bytes));
        i += c.length;
    }
    return out + '"';
}

} // namespace qeval
