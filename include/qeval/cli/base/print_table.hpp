// A table on standard output.
#pragma once

#include <cstdio>
#include <cstdlib>

#include <qeval/cli/base/host_facts.hpp>
#include <qeval/report/text/text_table.hpp>

namespace qeval::cli {

inline void print_table(text_table const& table) {
    std::fputs(table.terminal(is_terminal(1) && std::getenv("NO_COLOR") == nullptr).c_str(), stdout);
}

} // namespace qeval::cli
