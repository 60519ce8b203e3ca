// The output of commands that write one file.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/base/interrupt.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::cli {

// Is called before any work. Refuses to write over a file that the command reads (the model's files, and `others`), and
// makes the folder.
inline void prepare_output(std::filesystem::path const& target, loaded_model const& model,
                           std::vector<std::string> others) {
    for (auto const& f : model.file().files()) others.push_back(f.name);
    for (auto const& input : others) {
        std::error_code ignored;
        if (input.empty() || !std::filesystem::equivalent(target, input, ignored)) continue;
        throw usage_error{{"CL06", "--output-path " + qeval::quoted(target.string()), "a file that this command reads",
                           "another file", ""}};
    }
    if (target.has_parent_path()) make_folder(target.parent_path());
}

// Prints what was written, as a line or as JSON.
inline void print_written(output_options const& how, std::string const& line, json const& facts) {
    if (how.json)
        std::puts(json_text(facts, 2).c_str());
    else if (!how.quiet)
        std::puts(line.c_str());
}

// Shows on stderr how far a command is, if that is a terminal. At each step a signal may end the command.
class step_line {
public:
    step_line(std::string what, index total, bool quiet)
        : what_(std::move(what)), total_(total), shown_(!quiet && is_terminal(2)) {}
    step_line(step_line const&)            = delete;
    step_line& operator=(step_line const&) = delete;
    ~step_line() {
        if (shown_) std::fputs("\r\x1b[2K", stderr);
    }
    void operator()(index done) const {
        interrupt::check();
        if (shown_) std::fputs(text("\r\x1b[2K{} {} of {} ", what_, done, total_).c_str(), stderr);
    }

private:
    std::string what_;
    index       total_;
    bool        shown_;
};

} // namespace qeval::cli
