// Tasks: what is asked, and how answers are judged.
// Also tests builtin_tasks.hpp, task/task.hpp, task/task_list.hpp, choice/multiple_choice.hpp,
// choice/ranked_choices.hpp, choice/cloze.hpp, written/completion.hpp, written/prompt_tokens.hpp.
#include <cmath>
#include <fstream>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <tests/eval/question_of.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/builtin_tasks.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/task/erased_task.hpp>

using namespace qeval_test;

namespace {

std::string file_with(scratch const& folder, std::string const& name, std::string const& text) {
    auto const path = (folder / name).string();
    std::ofstream(path) << text;
    return path;
}
qeval::ranked_item item(std::vector<std::string> const& choices, qeval::index answer) {
    return {"q", {}, 0, "c\nQuestion: q\nAnswer:", qeval::ranked_item::of(choices), answer};
}
qeval::item_outcome judged(qeval::multiple_choice const& task, std::vector<double> const& sums) {
    std::vector<qeval::score> scores;
    for (double s : sums) scores.push_back({s, false, 1});
    return task.judge(0, scores);
}

} // namespace

TEST_CASE("multiple choice asks the prompt with each choice and scores sums and sums per character") {
    scratch    folder;
    auto const path = file_with(folder, "mc.jsonl",
                                "{\"id\":\"q1\",\"context\":\"A cat.\",\"question\":\"Who?\",\"choices\":[\"the "
                                "cat\",\"B\",\"\xc3\xa4\xc3\xb6\"],\"answer\":1}\n");
    auto       task = qeval::multiple_choice::load(path);
    REQUIRE(task.items.size() == 1);
    scripted_engine e;
    task.frames[0] = qeval::prompt_frame("About cats.\n\n");
    task.frames[0].add({"One", "", ".", " "});
    task.frames[0].add({"Two. ", "", "", ""});
    auto const q = question_of(e, task, 0);
    REQUIRE(q.requests.size() == 3);
    CHECK(q.requests[1].context.size() ==
          1 + std::string("About cats.\n\nOne. Two. A cat.\nQuestion: Who?\nAnswer:").size());
    CHECK(e.decode(q.requests[1].continuation) == " B");

    auto o = judged(task, {-3, -2, -3.8}); // per character: -3/7, -2/1, -3.8/2 (two characters, four bytes)
    CHECK(o.chosen == 1);
    CHECK(o.correct);
    CHECK(o.values == std::vector<double>{1, 0});
    o = judged(task, {-14, -2.5, -4}); // -2, -2.5, -2: acc_norm's tie goes to choice 0
    CHECK(o.values == std::vector<double>{1, 0});
    CHECK(!o.tie);
}

TEST_CASE("a tie goes to the lowest index and is counted, NaN never wins") {
    qeval::multiple_choice task;
    task.items     = {item({"a", "b", "c"}, 0)};
    double const n = std::numeric_limits<double>::quiet_NaN();
    CHECK(judged(task, {-1, -1, -2}).chosen == 0);
    CHECK(judged(task, {-1, -1, -2}).tie);
    CHECK(!judged(task, {-2, -2, -1}).tie);
    CHECK(judged(task, {n, -5, n}).chosen == 1);
    CHECK(qeval::sum_up(*qeval::any_task_of(task), {judged(task, {-1, -1, -2})}).ties == 1);
}

TEST_CASE("an item without a usable answer is wrong, counted and explained") {
    qeval::multiple_choice choice;
    choice.items                      = {item({"a", "b"}, 0)};
    double const                    n = std::numeric_limits<double>::quiet_NaN();
    std::vector<qeval::score> const nothing(2, qeval::score{n, false, 1, "nonfinite logits"});
    auto const                      s = qeval::sum_up(*qeval::any_task_of(choice), {choice.judge(0, nothing)});
    CHECK(s.failed == 1);
    CHECK(s.ties == 0);
    CHECK(s.outcomes[0].chosen == -1);
    CHECK(s.outcomes[0].error == "nonfinite logits");
    CHECK(s.metrics[0].score.value == 0);
    qeval::cloze word;
    word.items = {{"0", "A", " B"}};
    CHECK(!word.judge(0, std::span(nothing).first(1)).correct);
    qeval::completion function;
    function.items = {{"t/0", "p", "f", "", ""}};
    qeval::generation g;
    g.finish = "error: nonfinite logits";
    CHECK(!function.judge(0, std::span(&g, 1)).correct); // although both texts are empty
    g.finish = "stop";
    CHECK(function.judge(0, std::span(&g, 1)).correct);
}

TEST_CASE("malformed multiple-choice rows are refused with file, line and field") {
    scratch    folder;
    auto const load = [&](std::string const& row) {
        return qeval::multiple_choice::load(file_with(folder, "mc.jsonl", row + "\n"));
    };
    std::string const good = R"({"id":"a","context":"c","question":"q","choices":["x","y"],"answer":1})";
    std::string const next = R"({"id":"b","context":"c","question":"q","choices":["x","y"],"answer":0})";
    CHECK(load(good + "\n" + next).items.size() == 2);
    CHECK(load(good).items[0].answer == 1);
    CHECK(load(good).data_sha256.size() == 64);
    CHECK_THROWS_WITH(load(good + "\n" + R"({"id":"b","context":"c","question":"q","choices":["x","y"],"answer":2})"),
                      Catch::Contains("mc.jsonl line 2, answer: found 2, expected an integer from 0 to 1"));
    CHECK_THROWS_WITH(load(R"({"id":"a","context":"c","question":"q","choices":["x"],"answer":0})"),
                      Catch::Contains("two choices"));
    CHECK_THROWS_WITH(load(R"({"id":"a","context":"c","question":"q","choices":["x",3],"answer":0})"),
                      Catch::Contains("choices[1]"));
    CHECK_THROWS_WITH(load(R"({"id":"a","context":"c","choices":["x","y"],"answer":0})"), Catch::Contains("question"));
    CHECK_THROWS_WITH(load(""), Catch::Contains("DS08"));
}

TEST_CASE("cloze splits off the last word and needs every token of it greedy") {
    scratch    folder;
    auto const path =
        file_with(folder, "cloze.jsonl", "{\"id\":\"c0\",\"text\":\"a b the cat\"}\n{\"text\":\"the cat\"}\n");
    auto const task = qeval::cloze::load(path);
    REQUIRE(task.items.size() == 2);
    CHECK(task.items[0].context == "a b the");
    CHECK(task.items[0].target == " cat");
    CHECK(task.items[1].id == "1");
    CHECK(qeval::cloze::load(path, {1, 0}).items.size() == 1);
    qeval::score const greedy[] = {{-0.5, true, 2}}, other[] = {{-0.25, false, 2}};
    auto const         s = qeval::sum_up(*qeval::any_task_of(task), {task.judge(0, greedy), task.judge(1, other)});
    CHECK(s.metrics[0].score.value == 0.5);
    CHECK(s.metrics[1].score.value == Approx(std::exp(0.375)));
    CHECK(s.metrics[1].metric.higher_is_better == false);
    CHECK_THROWS_WITH(qeval::cloze::load(file_with(folder, "bad.jsonl", "{\"text\":\"word\"}\n")),
                      Catch::Contains("bad.jsonl line 1, text"));
}

TEST_CASE("completions match exactly but for white space at ends, and only up to a stop") {
    qeval::completion task;
    task.items       = {{"t/0", "def f(x):\n", "f", "    y = x\n    return y\n", "def check(f): pass\n"}};
    auto const right = [&](std::string const& text) {
        qeval::generation g;
        g.text = text;
        return task.judge(0, std::span(&g, 1)).correct;
    };
    CHECK(right("    y = x\n    return y"));
    CHECK(right("    y = x  \n    return y\n\n\n"));
    CHECK(right("    y = x\n    return y\n\ndef g():\n    pass"));
    CHECK(right("    y = x\n    return y\nprint(f(1))"));
    CHECK(!right("    y = x\n   return y\n"));
    CHECK(!right("    return x\n")); // right as a program, wrong as a text
    CHECK(!right(""));
    CHECK(qeval::completion::metrics()[0].name == "exact_match");
}

TEST_CASE("a completion's prompt is the row's, after BOS, cut on the left where the context is short") {
    qeval::completion task;
    task.items = {{"t/0", "ABCDEFGHIJ", "f", "XYZ", ""}};
    scripted_engine e;
    auto            q = question_of(e, task, 0);
    CHECK(e.decode(q.requests[0].prompt) == "!ABCDEFGHIJ"); // BOS is token 1
    CHECK(q.requests[0].how.temperature == 0);
    CHECK(q.requests[0].how.max_tokens == 2 * 3 + 16);
    CHECK(!q.truncated);
    e.context = 12;
    q         = question_of(e, task, 0);
    CHECK(q.truncated);
    CHECK(q.requests[0].how.max_tokens == 6);
    CHECK(e.decode(q.requests[0].prompt) == "EFGHIJ");
}

TEST_CASE("tasks are found by name and an unknown name lists them all") {
    auto const names = qeval::builtin_tasks::names();
    CHECK(names.front() == "perplexity:llamacpp");
    CHECK(std::set<std::string_view>(names.begin(), names.end()).size() == names.size());
    CHECK(qeval::builtin_tasks::file_of("cloze") == "cloze.jsonl");
    CHECK_THROWS_WITH(qeval::builtin_tasks::load("mmmlu", "x"), Catch::Contains("EV06") &&
                                                                    Catch::Contains("\"mmmlu\"") &&
                                                                    Catch::Contains("perplexity:llamacpp, "));
}

TEST_CASE("LAMBADA's published file loads as a cloze task") {
    auto const path = data("datasets/lambada/lambada_test.jsonl");
    if (!path) return;
    auto const task = qeval::cloze::load(*path);
    CHECK(task.items.size() == 5153);
    CHECK(task.items[0].target == " signs");
}

TEST_CASE("the bundled model's data sets load") {
    auto const folder = source("examples/models/qeval-5m/data");
    if (!std::filesystem::exists(folder)) return skip("the bundled model is not here");
    qeval::builtin_tasks::for_each([&]<class T>() {
        if (!std::filesystem::exists(folder / T::file)) return; // what users bring
        if constexpr (qeval::item_task<T>) {
            auto const task = T::load(folder / T::file);
            INFO(T::name);
            CHECK(task.items.size() >= 100);
        } else {
            CHECK(T::load(folder / T::file).text.size() > 100000);
        }
    });
}
