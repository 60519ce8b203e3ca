// One task in the course of an evaluation, whatever its kind: the same questions for the reference and N schemes.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <qeval/engine/any_engine.hpp>
#include <qeval/eval/evaluation_options.hpp>
#include <qeval/eval/result/result.hpp>

namespace qeval {

// What all tasks of an evaluation share.
struct evaluation_frame {
    evaluation_options const& options;
    std::vector<std::string>  schemes; // one for each row, the reference first

    std::function<void()> watch; // is called before every report

    void report(evaluation_progress const& p) const {
        if (watch) watch();
        if (options.progress) options.progress(p);
    }
};

class task_work {
public:
    virtual ~task_work() = default;

    // Whether the memory has every answer of the row's scheme, so that nothing is left to ask.
    [[nodiscard]] virtual bool knows(std::size_t row) const = 0;
    // Asks the engine what the memory does not know, and adds a result to the row. Is called for the rows in order.
    virtual void run(std::size_t row, any_engine& engine, scheme_scores& scores, scheme_run& log) = 0;

    // Whether the reference's logits of a text are too many to keep: read_together() then reads it with all engines,
    // window by window, before any run().
    [[nodiscard]] virtual bool together() const { return false; }
    virtual void               read_together(std::span<any_engine* const>) {}
};

} // namespace qeval
