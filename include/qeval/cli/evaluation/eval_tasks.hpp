// The loaded tasks that a command line asks for, and which of their data the model was calibrated on.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <qeval/cli/base/options.hpp>
#include <qeval/core/macros.hpp>
#include <qeval/eval/engine_rows.hpp>
#include <qeval/eval/evaluation_options.hpp>
#include <qeval/eval/result/asked_texts.hpp>
#include <qeval/eval/result/result.hpp>
#include <qeval/eval/task/prompt_style.hpp>

namespace qeval::cli {

// An interface without templates, so that commands are not compiled for every kind of task.
class eval_tasks {
public:
    virtual ~eval_tasks() = default;

    [[nodiscard]] virtual evaluation_result evaluate(evaluation_options const& how, engine_rows& rows) const = 0;
    // What decides the scores of each task, except for its requests: its rule and its data.
    [[nodiscard]] virtual provenance fingerprint() const = 0;
    // Their items in words. Lives as long as the tasks.
    [[nodiscard]] virtual asked_texts const& texts() const = 0;
    // One sentence for each task whose data the model was calibrated on (today: by an importance matrix).
    [[nodiscard]] virtual std::vector<std::string> leaks(std::vector<std::string> const& calibrated_on) const = 0;
};

// Loads the tasks. `options` must outlive the result; `style` is how its `wording` is meant for the model.
[[nodiscard]] QEVAL_DRIVER_ONCE std::unique_ptr<eval_tasks const> load_eval_tasks(eval_options const& options,
                                                                                  prompt_style const& style = {});

} // namespace qeval::cli

#if !defined(QEVAL_DRIVER_LIBRARY)
#    include <qeval/cli/evaluation/eval_tasks_body.hpp>
#endif
