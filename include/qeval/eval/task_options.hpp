// What a user may change about any task.
#pragma once

#include <optional>

#include <qeval/core/view.hpp>

namespace qeval {

struct task_options {
    index               limit = 0;  // the first items (windows of a text) only; 0: all
    index               ctx   = 0;  // context of perplexity protocols; 0: the protocol's own
    std::optional<bool> specials{}; // special tokens written in a text are read as tokens; empty: the protocol's own
};

} // namespace qeval
