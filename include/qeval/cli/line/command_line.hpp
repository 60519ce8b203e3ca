// Reads the command line: turns arguments into the options of the command that they ask for.
#pragma once

#include <cstddef>
#include <filesystem>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <qeval/cli/base/commands.hpp>
#include <qeval/cli/base/message.hpp>
#include <qeval/cli/line/bench.hpp>
#include <qeval/cli/line/compare.hpp>
#include <qeval/cli/line/doctor.hpp>
#include <qeval/cli/line/eval.hpp>
#include <qeval/cli/line/formats.hpp>
#include <qeval/cli/line/generate.hpp>
#include <qeval/cli/line/imatrix.hpp>
#include <qeval/cli/line/inspect.hpp>
#include <qeval/cli/line/lists.hpp>
#include <qeval/cli/line/logits.hpp>
#include <qeval/cli/line/merge.hpp>
#include <qeval/cli/line/parser.hpp>
#include <qeval/cli/line/quantize.hpp>
#include <qeval/cli/line/score.hpp>
#include <qeval/core/error.hpp>
#include <qeval/core/version.hpp>
#include <qeval/io/file/input_guard.hpp>

namespace qeval::cli {

namespace detail {

// The arguments behind the program's name, in which names of options are spelled with dashes: "--a_b" means "--a-b".
[[nodiscard]] inline std::vector<std::string> arguments(int argc, char** argv) {
    std::vector<std::string> out;
    for (int i = argc - 1; i > 0; --i) { // CLI11 takes the last argument first
        std::string a = argv[i];
        if (a.rfind("--", 0) == 0) {
            for (std::size_t k = 2; k < a.size() && a[k] != '='; ++k) a[k] = a[k] == '_' ? '-' : a[k];
        }
        out.push_back(a);
    }
    return out;
}

// One command of the command line.
template <class Options>
class asked_for {
public:
    explicit asked_for(CLI::App& app) : app_(*app.add_subcommand(line_of<Options>::name, line_of<Options>::about)) {
        line_of<Options>::add(app_, options_);
    }
    // Sets `asked` to this command's options, if the line asks for this command.
    void read(int argc, char** argv, command& asked) {
        if (!app_.parsed()) return;
        if constexpr (requires { line_of<Options>::read(app_, options_); }) line_of<Options>::read(app_, options_);
        if constexpr (requires { options_.words; }) options_.words.assign(argv, argv + argc);
        asked = std::move(options_);
    }

private:
    CLI::App& app_;
    Options   options_; // app_ knows its address
};

template <class List>
class asked_for_any;
// Each command is a base, because bases are made in the order of the list, which then is that of --help.
template <class... Options>
class asked_for_any<command_list<Options...>> : asked_for<Options>... {
public:
    explicit asked_for_any(CLI::App& app) : asked_for<Options>(app)... {}
    [[nodiscard]] command read(int argc, char** argv) {
        command asked = exit_status::usage;
        (asked_for<Options>::read(argc, argv, asked), ...);
        return asked;
    }
};

} // namespace detail

// The options of the command that the command line asks for. Errors, --help and --version are printed here; the result
// is then an exit_status, as with --parse-only.
[[nodiscard]] inline command read_command_line(int argc, char** argv) {
    CLI::App app("What does quantizing a language model cost?", "qeval");
    app.set_version_flag("--version", "qeval " + std::string(version) + " (" + std::string(built_for) + ", " +
                                          std::string(compiler) + ")");
    app.require_subcommand(1);
    app.set_config("--config", "", "options from a file (TOML or INI); the command line wins");
    bool parse_only = false;
    app.add_flag("--parse-only", parse_only, "check the command line, and do nothing");
    detail::asked_for_any<commands> any(app);
    try {
        app.parse(detail::arguments(argc, argv));
        if (auto const* file = app.get_config_ptr(); file->count() > 0)
            input_guard::remember(std::filesystem::path(file->as<std::string>()));
        command asked = any.read(argc, argv);
        return parse_only ? command(exit_status::ok) : std::move(asked);
    } catch (CLI::ParseError const& e) {
        std::ostringstream complaint; // --help and --version go to standard output
        int const          status = app.exit(e, std::cout, complaint);
        print_message(complaint.str());
        return status == 0 ? exit_status::ok : exit_status::usage;
    }
}

} // namespace qeval::cli
