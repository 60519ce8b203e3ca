// One task in the course of an evaluation, whatever its kind: a reference and N schemes over the same questions.
#pragma once

#include <cstddef>
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

    void report(evaluation_progress const& p) const {
        if (options.progress) options.progress(p);
    }
};

class task_work {
public:
    virtual ~task_work() = default;

    // Nothing is left to ask of the row's scheme: the memory has every answer.
    [[nodiscard]] virtual bool knows(std::size_t row) const = 0;
    // Puts to the engine what the memory does not know, and adds a result to the row. Rows come in order.
    virtual void run(std::size_t row, any_engine& engine, scheme_scores& scores, scheme_run& log) = 0;

    // A text whose reference logits are too many to keep is read by all engines, window by window, before any run().
    [[nodiscard]] virtual bool together() const { return false; }
    virtual void               read_together(std::span<any_engine* const>) {}
};

} // namespace qeval
