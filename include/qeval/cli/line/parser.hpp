// Wraps CLI11, and has what the options of several commands share. The only header that includes it.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <qeval/cli/base/options.hpp>

namespace qeval::cli {

// The command line of a command. A file of this folder specialises it for the options of each:
//   static constexpr char const *name, *about;
//   static void add(CLI::App&, Options&)   declares the options
//   static void read(CLI::App&, Options&)  optional: completes the options once the line has been read, or refuses them
//                                          by throwing an error of CLI11
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
// Values from `least` on. CLI11's own checks print a bound of 309 digits.
[[nodiscard]] inline CLI::Validator at_least(double least) {
    return CLI::Validator(
        [least](std::string const& text) {
            double x = 0;
            return CLI::detail::lexical_cast(text, x) && x >= least
                       ? std::string()
                       : "found " + text + ", expected a number from " + std::to_string(static_cast<long>(least)) +
                             " on";
        },
        "");
}
// An option whose value is a count or a share (item_limit).
inline CLI::Option* add_limit(CLI::App& app, std::string const& name, item_limit& limit, std::string const& what) {
    return app.add_option_function<std::string>(
        name,
        [name, &limit](std::string const& text) {
            auto const read = item_limit::of(text);
            if (!read)
                throw CLI::ValidationError(name, "found " + text + ", expected " + std::string(item_limit::wanted));
            limit = *read;
        },
        what);
}
// The options that declare() adds, so that a rule (what they need or exclude) can be set for all of them at once.
template <class Declare>
[[nodiscard]] std::vector<CLI::Option*> options_of(CLI::App& app, Declare const& declare) {
    std::size_t const before = app.get_options().size();
    declare();
    auto const all = app.get_options();
    return {all.begin() + static_cast<std::ptrdiff_t>(before), all.end()};
}

} // namespace qeval::cli
