// The option --max-failed of the commands that have scores of items.
#pragma once

#include <string>

#include <qeval/cli/line/parser.hpp>

namespace qeval::cli {

// A share from 0 to 1; CLI::Range would let "nan" pass.
template <class Share> // double, or an optional one
CLI::Option* add_max_failed(CLI::App& app, Share& share, std::string const& about) {
    return app.add_option("--max-failed", share, about)->type_name("SHARE")->check([](std::string const& text) {
        double value = -1;
        if (CLI::detail::lexical_cast(text, value) && value >= 0 && value <= 1) return std::string();
        return "found \"" + text + "\", expected a share from 0 to 1";
    });
}

} // namespace qeval::cli
