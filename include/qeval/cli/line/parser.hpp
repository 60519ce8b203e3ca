// CLI11, and what several commands' options share.
#pragma once

#include <vector>

#include <CLI/CLI.hpp>

#include <qeval/cli/base/options.hpp>

namespace qeval::cli {

// How a command is asked for, one file of this folder each:
//   static constexpr char const *name, *about;
//   static void add(CLI::App&, Options&)   declares its options
//   static void read(CLI::App&, Options&)  where something is left to do or to refuse once the line is read; CLI's
//   errors
template <class Options>
struct line_of;

inline void add_output(CLI::App& app, output_options& o) {
    app.add_flag("-q,--quiet", o.quiet, "no progress, no notes");
    app.add_flag("--json", o.json, "results to stdout as JSON");
}
inline CLI::Option* add_threads(CLI::App& app, int& threads) {
    return app.add_option("-t,--threads", threads, "threads; 0: one for each processor")->check(CLI::Range(0, 1024));
}
inline CLI::Option* add_seed(CLI::App& app, std::uint64_t& seed, char const* of = "") {
    return app.add_option("--seed", seed, of)->capture_default_str();
}
// What `declare` adds to the options, so that all of it can be told at once what it needs.
template <class Declare>
[[nodiscard]] std::vector<CLI::Option*> options_of(CLI::App& app, Declare const& declare) {
    std::size_t const before = app.get_options().size();
    declare();
    auto const all = app.get_options();
    return {all.begin() + static_cast<std::ptrdiff_t>(before), all.end()};
}

} // namespace qeval::cli
