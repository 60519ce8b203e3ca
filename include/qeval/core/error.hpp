// Errors carry their parts, so that a program, a log and a person each read what they need.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include <qeval/core/macros.hpp>

namespace qeval {

// Process exit codes; the contract other tools rely on.
enum class exit_status : int {
    ok          = 0,
    usage       = 2,  // the command line is wrong
    bad_file    = 3,  // an input file is malformed, truncated or inconsistent
    environment = 4,  // no sandbox, no GPU, too little memory, no permission
    remote      = 5,  // a remote engine refused or vanished
    item_errors = 6,  // a larger share of items failed than --max-failed allows; all results are written
    internal    = 70, // a defect of qeval
    interrupted = 130 // stopped by a signal; the same command resumes
};

// What every error says. `place` names the file first, then the byte offset and the field inside it.
struct diagnostic {
    std::string id;       // stable, e.g. "ST07"; explained in docs/errors.md
    std::string place;    // model.safetensors @ byte 1234, tensor "x", data_offsets[1]
    std::string found;    // 4096
    std::string expected; // <= 2048 (data section is 2048 bytes)
    std::string likely;   // the likely cause or the remedy; may be empty

    // error[ST07] PLACE: found 4096, expected <= 2048. Likely: truncated download
    [[nodiscard]] std::string text() const;
};

class error : public std::runtime_error {
public:
    error(exit_status status, diagnostic d);

    [[nodiscard]] exit_status        status() const noexcept { return status_; }
    [[nodiscard]] diagnostic const&  why() const noexcept { return diagnostic_; }
    [[nodiscard]] std::string const& id() const noexcept { return diagnostic_.id; }

private:
    exit_status status_;
    diagnostic  diagnostic_;
};

// One class per exit code that a library call can cause.
struct usage_error : error {
    explicit usage_error(diagnostic d);
};
struct file_error : error {
    explicit file_error(diagnostic d);
};
struct environment_error : error {
    explicit environment_error(diagnostic d);
};
struct item_error : error {
    explicit item_error(diagnostic d);
};
struct internal_error : error {
    explicit internal_error(diagnostic d);
};

// Text from a file, made safe to print: what shows nothing, quotes and bad UTF-8 become \xNN, long text is cut. Other
// characters stay as they are; a program that prints to ASCII terminals escapes them there (core/printable_text.hpp).
[[nodiscard]] QEVAL_BASE_ONCE std::string quoted(std::string_view text, std::size_t limit = 80);

} // namespace qeval

#if !defined(QEVAL_BASE_LIBRARY)
#    include <qeval/core/error_body.hpp>
#endif
