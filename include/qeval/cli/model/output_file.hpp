// Where commands write to, and how they tell of it.
#pragma once

#include <cstdio>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <qeval/cli/base/host_facts.hpp>
#include <qeval/cli/base/interrupt.hpp>
#include <qeval/cli/base/options.hpp>
#include <qeval/cli/model/loaded_model.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/view.hpp>
#include <qeval/io/file/atomic_file.hpp>
#include <qeval/io/file/input_guard.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/text/text.hpp>

namespace qeval::cli {

// Is called before any work. Refuses to write over a file that the command has read, or will read (`unread`), and makes
// the folder.
inline void prepare_output(std::filesystem::path const& target, std::initializer_list<std::string> unread) {
    for (auto const& input : unread) input_guard::remember(input);
    input_guard::refuse_output(target, "--output-path");
    if (target.has_parent_path()) make_folder(target.parent_path());
}

// Refuses a folder of results that is the model's own, or its tokenizer's, however it is called: by another path or by
// a link. What reads the folder later would find files in it that are no part of the model.
inline void refuse_folder_of(loaded_model const& model, model_options const& options,
                             std::filesystem::path const& out) {
    for (std::filesystem::path const& folder :
         {model.file().tokenizer_directory(), std::filesystem::path(options.model),
          std::filesystem::path(options.tokenizer)}) {
        std::error_code ignored;
        if (!std::filesystem::is_directory(folder, ignored) || !std::filesystem::equivalent(out, folder, ignored))
            continue;
        throw usage_error{{"CL06", "--output-path " + qeval::quoted(out.string(), 4096),
                           "a folder that this command reads", "another folder", ""}};
    }
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
