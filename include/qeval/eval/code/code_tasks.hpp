// The tasks whose answers are programs, for whoever judges programs that were written elsewhere.
#pragma once

#include <filesystem>
#include <string_view>

#include <qeval/eval/code/code_answers.hpp>
#include <qeval/eval/code/humaneval.hpp>
#include <qeval/eval/code/infilling.hpp>
#include <qeval/eval/code/mbpp.hpp>
#include <qeval/eval/task/task_list.hpp>
#include <qeval/eval/task/task_options.hpp>

namespace qeval {

using code_tasks = task_list<humaneval, humaneval_single_line_infilling, humaneval_multi_line_infilling,
                             humaneval_random_span_infilling, humaneval_random_span_infilling_light, mbpp>;

// The problems of one of them. A name that is none is refused (usage_error EV06).
[[nodiscard]] inline code_answers load_code_task(std::string_view name, std::filesystem::path const& path,
                                                 task_options const& options) {
    code_answers problems;
    code_tasks::for_named(name, [&]<class T>() { problems = T::load(path, options); });
    return problems;
}

} // namespace qeval
