// C-Eval (Huang et al. 2023), val split, under the two protocols that published numbers come from.
#pragma once

#include <array>
#include <string_view>

#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/data/published_sets.hpp>
#include <qeval/eval/exam/exam.hpp>
#include <qeval/eval/exam/exam_rule.hpp>
#include <qeval/eval/exam/exam_subjects.hpp>
#include <qeval/eval/exam/exam_task.hpp>
#include <qeval/eval/exam/one_token_answers.hpp>

namespace qeval {

inline constexpr std::array<exam_split, 2> ceval_splits = {
    {{"dev", &published::ceval_dev}, {"val", &published::ceval_val}}};
inline constexpr exam_set ceval_set{"ceval", ceval_subjects, true, ceval_splits};

// lm-eval's ceval-valid, version 2.0: a Chinese frame; the likelihoods of " A" to " D" are compared.
struct ceval : exam_task<ceval, ceval_set, lm_eval_ceval, ranked_choices<length_metric::per_character>> {
    static constexpr std::string_view name = "ceval";
};

struct ceval_llmtask : exam_task<ceval_llmtask, ceval_set, llmtask, one_token_answers> {
    static constexpr std::string_view name = "ceval_llmtask";
};

} // namespace qeval
