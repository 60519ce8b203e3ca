// error.hpp: the texts of errors. Every unit throws.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <qeval/core/error.hpp>
#include <qeval/core/macros.hpp>

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
    constexpr char hex[] = "0123456789abcdef";
    std::string    out   = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == limit) {
            out += "...(" + std::to_string(text.size()) + " bytes)";
            break;
        }
        auto const c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') {
            out += {'\\', 'x', hex[c >> 4], hex[c & 15]};
        } else {
            out += text[i];
        }
    }
    return out + '"';
}

} // namespace qeval
