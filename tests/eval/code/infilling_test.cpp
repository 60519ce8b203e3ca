// HumanEval-Infilling: what the model reads, what is run, and that the right text passes in every gap. Also tests
// code_tasks.hpp.
#include <cstddef>
#include <string>
#include <vector>

#include <tests/eval/question_of.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/sandbox.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/code/code_tasks.hpp>
#include <qeval/eval/code/infilling.hpp>
#include <qeval/eval/code/sample_file.hpp>
#include <qeval/io/json/json.hpp>

using namespace qeval_test;

namespace {

std::string row_of(std::string const& id, std::string const& prompt, std::string const& suffix, std::string const& test,
                   std::string const& entry) {
    return qeval::json_text(
               {{"task_id", id}, {"prompt", prompt}, {"suffix", suffix}, {"test", test}, {"entry_point", entry}}) +
           "\n";
}
// Whether the program passes that has `text` in the gap of item i.
bool passes(qeval::code_answers const& task, std::size_t i, std::string const& text) {
    qeval::generation const written{{}, text};
    return task.judge(i, std::span(&written, 1)).correct;
}

} // namespace

TEST_CASE("the suffix stands before the prompt, as lm-eval asks, and behind the text in the program") {
    scratch const dir;
    put_file(dir / "rows.jsonl",
             row_of("x/0", "def f():\n", "1\n", "def check(candidate):\n    assert candidate() == 1", "f"));
    auto const task = qeval::humaneval_single_line_infilling::load(dir / "rows.jsonl", allowed());
    CHECK(task.items[0].prompt == "1\n\n\ndef f():\n"); // "{{suffix}}\n\n{{prompt}}"
    CHECK(task.preset().stop_texts() == std::vector<std::string>{"\n"});
    CHECK(task.preset().new_tokens == 1024);
    CHECK(qeval::humaneval_random_span_infilling_light::load(dir / "rows.jsonl", allowed()).preset().stop_texts() ==
          std::vector<std::string>{"\n\n"});
    put_file(dir / "rows.jsonl", R"({"task_id": "x/0", "prompt": "p", "test": "t", "entry_point": "f"})"
                                 "\n");
    check_refused([&] { (void)qeval::humaneval_single_line_infilling::load(dir / "rows.jsonl", allowed()); },
                  {"DS06", "rows.jsonl line 1", "", "suffix", ""});
}
TEST_CASE("a text passes whose program is right with the suffix behind it, between a model's own tokens, too") {
    if (!sandbox_works()) return;
    scratch const dir;
    put_file(dir / "rows.jsonl",
             row_of("x/0", "def f():\n", "1\n", "def check(candidate):\n    assert candidate() == 1", "f"));
    auto const task = qeval::humaneval_single_line_infilling::load(dir / "rows.jsonl", allowed());
    for (std::string const right : {"    return ", "  return ", "\treturn "}) CHECK(passes(task, 0, right));
    for (std::string const wrong : {"    return 1", "  return 1", "\treturn 1"}) CHECK_FALSE(passes(task, 0, wrong));
    auto how       = allowed();
    how.style.fill = {"<P>", "<S>", "<M>"};
    CHECK(passes(qeval::styled(qeval::humaneval_multi_line_infilling::load(dir / "rows.jsonl", how), how), 0,
                 "    return "));
}
TEST_CASE("a model's own tokens stand around prompt and suffix, and the text ends where the model ends it") {
    scratch const dir;
    put_file(dir / "rows.jsonl",
             row_of("x/0", "def f():\n", "1\n", "def check(candidate):\n    assert candidate() == 1", "f"));
    auto how        = allowed();
    how.style.fill  = {"<P>", "<S>", "<M>"};
    auto const task = qeval::styled(qeval::humaneval_multi_line_infilling::load(dir / "rows.jsonl", how), how);
    CHECK(task.text_of(0).requests[0].context == "<P>def f():\n<S>1\n<M>");
    CHECK_THAT(task.protocol(), Catch::Contains("<P> prompt <S> suffix <M>"));
    scripted_engine e;
    e.context = 4096;
    CHECK(question_of(e, task, 0).requests[0].how.stops.empty());
}
TEST_CASE("the tasks of programs are loaded by their names, and no others") {
    scratch const dir;
    put_file(dir / "rows.jsonl",
             row_of("x/0", "def f():\n", "1\n", "def check(candidate):\n    assert candidate() == 1", "f"));
    for (auto const name : qeval::code_tasks::names()) {
        if (name.find("infilling") == name.npos) continue;
        INFO(name);
        CHECK(qeval::load_code_task(name, dir / "rows.jsonl", allowed()).items[0].problem.suffix == "1\n");
    }
    CHECK_THROWS_WITH(qeval::load_code_task("mmlu", dir / "rows.jsonl", allowed()), Catch::Contains("EV06"));
}
TEST_CASE("every line of HumanEval's solutions passes in its own gap, and none where the code behind it is left out") {
    auto const path = data("datasets/humaneval/HumanEval.jsonl.gz");
    if (!path || !sandbox_works()) return;
    // As the single-line set is made: a gap for each line of a solution that is not empty.
    auto const               problems = qeval::read_data_file(*path);
    std::string              rows;
    std::vector<std::string> right;
    qeval::index             taken = 0;
    qeval::for_each_jsonl_line(problems.bytes, problems.name, [&](std::size_t, qeval::json_document const& row) {
        if (++taken > 12) return;
        std::string const solution = row.at("canonical_solution").string();
        int               number   = 0;
        for (std::size_t at = 0; at < solution.size(); ++number) {
            std::size_t const end  = std::min(solution.find('\n', at), solution.size());
            std::string const line = solution.substr(at, end - at);
            if (line.find_first_not_of(' ') != line.npos) {
                right.push_back(line);
                rows += row_of("SingleLineInfilling/" + row.at("task_id").string() + "/L" + std::to_string(number),
                               row.at("prompt").string() + solution.substr(0, at), solution.substr(end),
                               row.at("test").string(), row.at("entry_point").string());
            }
            at = end + 1;
        }
    });
    REQUIRE(right.size() > 40);
    scratch const dir;
    put_file(dir / "rows.jsonl", rows);
    auto const                     task = qeval::humaneval_single_line_infilling::load(dir / "rows.jsonl", allowed());
    std::vector<std::size_t>       items;
    std::vector<qeval::generation> written;
    std::vector<std::span<qeval::generation const>> answers;
    for (std::size_t i = 0; i < right.size(); ++i) items.push_back(i), written.push_back({{}, right[i]});
    for (auto const& g : written) answers.emplace_back(&g, 1);
    auto const outcomes = task.judge_all(items, answers);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        INFO(outcomes[i].id << ": " << right[i] << ": " << outcomes[i].samples[0].result);
        CHECK(outcomes[i].correct);
    }
    CHECK(task.data.kind == qeval::data_kind::partial);
    CHECK_THAT(task.data.words, Catch::Contains("of the 1033 items of HumanEval, single-line infilling"));
}
