// What a user may change about any task.
#pragma once

#include <qeval/core/view.hpp>

namespace qeval {

struct task_options {
    index limit = 0; // the first items (windows of a text) only; 0: all
    index ctx   = 0; // context of perplexity protocols; 0: the protocol's own
};

} // namespace qeval
