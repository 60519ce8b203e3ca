// What tasks over an examination share, however the model answers.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <qeval/core/view.hpp>
#include <qeval/eval/choice/ranked_choices.hpp>
#include <qeval/eval/exam/exam.hpp>
#include <qeval/eval/exam/exam_rule.hpp>
#include <qeval/eval/exam/one_token_answers.hpp>
#include <qeval/eval/task/item_text.hpp>
#include <qeval/eval/task/task_options.hpp>
#include <qeval/io/json/json.hpp>

namespace qeval {

// The row as Hugging Face's copies have it.
[[nodiscard]] inline std::string exam_row(exam_set const& set, exam_question const& q, std::string_view subject) {
    if (set.has_header) {
        return json_text({{"id", q.id},
                          {"question", q.question},
                          {"A", q.choices[0]},
                          {"B", q.choices[1]},
                          {"C", q.choices[2]},
                          {"D", q.choices[3]},
                          {"answer", std::string(1, q.letter())}});
    }
    return json_text({{"question", q.question}, {"subject", subject}, {"choices", q.choices}, {"answer", q.answer}});
}

// A set of examinations, put as a rule says. Answers: ranked_choices or one_token_answers. A task adds its name.
template <class Task, exam_set const& Set, exam_rule const& Rule, class Answers>
struct exam_task : Answers {
    static constexpr std::string_view file = Set.folder;
    static constexpr task_option_set  used_options =
        task_option_set{task_option::limit, task_option::shots}.with(task_option::split, !Rule.one_split) |
        (Rule.worded ? worded_options : task_option_set{});

    [[nodiscard]] index       shots() const { return shots_; }
    [[nodiscard]] std::string protocol() const {
        return std::string(Rule.source) + ": " + split_ + " split, " + std::to_string(shots_) + " examples from dev, " +
               std::string(Rule.judging);
    }
    [[nodiscard]] std::vector<set_part> const& parts() const { return parts_; }
    [[nodiscard]] static std::string_view      category_of(std::string_view subject) {
             return find_subject(Set.subjects, subject)->category;
    }

    [[nodiscard]] static Task load(std::filesystem::path const& path, task_options const& options = {}) {
        Task task;
        task.split_      = options.split.empty() || Rule.one_split ? Rule.split : options.split;
        task.shots_      = options.shots.value_or(Rule.shots);
        exam const e     = load_exam(path, Set, task.split_, Rule.cells, task.shots_, options.limit);
        task.data_sha256 = e.sha256;
        task.data        = e.data;
        task.frames.clear();
        for (exam_part const& part : e.parts) {
            for (auto const& q : part.questions) {
                auto& item  = task.items.emplace_back();
                item.id     = q.id;
                item.group  = part.subject->name;
                item.frame  = task.frames.size();
                item.answer = q.answer;
                item.row    = exam_row(Set, q, part.subject->name);
                put(Rule.prompt(q), item);
            }
            task.frames.push_back(Rule.frame(part));
            task.parts_.push_back({std::string(part.subject->name), Rule.title(*part.subject),
                                   std::string(Task::category_of(part.subject->name)), part.whole});
        }
        return task;
    }

private:
    static void put(std::string prompt, ranked_item& item) {
        item.context = std::move(prompt);
        item.options = ranked_item::of(exam_letters);
    }
    static void put(std::string prompt, one_token_answers::item& item) { item.prompt = std::move(prompt); }

    std::string           split_;
    index                 shots_ = 0;
    std::vector<set_part> parts_;
};

} // namespace qeval
