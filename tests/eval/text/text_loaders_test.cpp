// GSM8K, MBPP, HumanEval and LAMBADA: published layouts, prompts and examples.
// Also tests ../written/gsm8k.hpp, ../code/mbpp.hpp, ../code/code_answers.hpp.
#include <string>
#include <vector>

#include <tests/eval/question_of.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/choice/cloze.hpp>
#include <qeval/eval/code/humaneval.hpp>
#include <qeval/eval/code/mbpp.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/written/gsm8k.hpp>

using namespace qeval_test;

namespace {

qeval::task_options with_shots(qeval::index shots) {
    qeval::task_options o;
    o.shots      = shots;
    o.code.allow = true;
    return o;
}
std::string sum_row(std::string const& question, std::string const& answer) {
    return R"({"question": ")" + question + R"(", "answer": ")" + answer + "\"}\n";
}
std::string mbpp_row(int id) {
    auto const n = std::to_string(id);
    return R"x({"text": "Task )x" + n + R"x(.", "code": "def f():\r\n  return )x" + n + R"x(", "task_id": )x" + n +
           R"x(, "test_setup_code": "", "test_list": ["assert f() == )x" + n +
           R"x(", "assert f()", "assert f"], "challenge_test_list": []})x" + "\n";
}
std::string mbpp_prompt(int id) {
    auto const n = std::to_string(id);
    return "You are an expert Python programmer, and here is your task: Task " + n +
           ". Your code should pass these tests:\n\nassert f() == " + n + "\nassert f()\nassert f\n[BEGIN]\n";
}

} // namespace

TEST_CASE("GSM8K: examples are drawn from train for each item, one stream for all of them") {
    scratch const dir;
    std::string   train;
    for (int i = 0; i < 20; ++i) train += sum_row("T" + std::to_string(i) + "?", "so\\n#### " + std::to_string(i));
    put_file(dir / "train.jsonl", train);
    put_file(dir / "test.jsonl", sum_row("Q0?", "#### 1,000") + sum_row("Q1?", "#### 7"));
    auto const example = [](int i) {
        return "Question: T" + std::to_string(i) + "?\nAnswer: so\n#### " + std::to_string(i) + "\n\n";
    };
    auto const five = qeval::gsm8k::load(dir / "test.jsonl");
    REQUIRE(five.items.size() == 2);
    // random.Random(1234): sample(range(20), 5), twice
    auto const asked = [](qeval::gsm8k const& task, std::size_t i) { return task.text_of(i).requests[0].context; };
    CHECK(asked(five, 0) == example(14) + example(3) + example(0) + example(2) + example(1) + "Question: Q0?\nAnswer:");
    CHECK(asked(five, 1) == example(2) + example(3) + example(11) + example(7) + example(0) + "Question: Q1?\nAnswer:");
    auto const none = qeval::gsm8k::load(dir / "test.jsonl", with_shots(0));
    CHECK(asked(none, 1) == "Question: Q1?\nAnswer:");
    CHECK(none.data_sha256 != five.data_sha256);
    CHECK_THROWS_WITH(qeval::gsm8k::load(dir / "test.jsonl", with_shots(21)),
                      Catch::Contains("EV09") && Catch::Contains("at most 20"));
    std::filesystem::remove(dir / "train.jsonl");
    check_refused([&] { (void)qeval::gsm8k::load(dir / "test.jsonl"); },
                  {"DS08", "train.jsonl", "no file", "the worked examples", "--num-fewshot 0"});
    CHECK(qeval::gsm8k::load(dir / "test.jsonl", with_shots(0)).items.size() == 2);
}
TEST_CASE("GSM8K judges by both of lm-eval's filters") {
    scratch const dir;
    put_file(dir / "test.jsonl", sum_row("Q?", "a\\n#### 1,000"));
    auto const task   = qeval::gsm8k::load(dir / "test.jsonl", with_shots(0));
    auto const values = [&](std::string const& text, std::string const& finish = "stop") {
        qeval::generation const g{{}, text, finish};
        return task.judge(0, std::span(&g, 1)).values;
    };
    CHECK(values("so #### 1000") == std::vector<double>{1, 1});
    CHECK(values("#### 1,000 and 5") == std::vector<double>{1, 0});
    CHECK(values("it is $1,000.") == std::vector<double>{0, 1});
    CHECK(values("none") == std::vector<double>{0, 0});
    CHECK(values("#### 1000", "error: nonfinite logits") == std::vector<double>{0, 0});
    scripted_engine e;
    e.size       = 95;
    auto const q = question_of(e, task, 0);
    CHECK(q.requests[0].how.max_tokens == 32); // half of the context of 64
    CHECK(q.requests[0].how.stops == std::vector<std::string>{"Question:", "</s>", "<|im_end|>"});
    e.context = 4096;
    CHECK(question_of(e, task, 0).requests[0].how.max_tokens == 256);
}
TEST_CASE("MBPP: problems 11 to 510, examples 2, 3 and 4, wherever they stand in the file") {
    scratch const dir;
    put_file(dir / "mbpp.jsonl", mbpp_row(1) + mbpp_row(11) + mbpp_row(2) + mbpp_row(3) + mbpp_row(4) + mbpp_row(10) +
                                     mbpp_row(510) + mbpp_row(511));
    auto const task = qeval::mbpp::load(dir / "mbpp.jsonl", with_shots(3));
    REQUIRE(task.items.size() == 2);
    std::string examples;
    for (int i : {2, 3, 4}) examples += mbpp_prompt(i) + "def f():\r\n  return " + std::to_string(i) + "\n[DONE]\n\n";
    CHECK(task.items[0].id == "11");
    CHECK(task.text_of(0).requests[0].context == examples + mbpp_prompt(11));
    CHECK(task.text_of(1).requests[0].context == examples + mbpp_prompt(510));
    CHECK(task.items[0].problem.test == "assert f() == 11\nassert f()\nassert f");
    CHECK(task.items[0].problem.prompt.empty()); // what is run is what was written
    CHECK(task.preset().stop_texts() == std::vector<std::string>{"[DONE]"});
    CHECK(qeval::mbpp::load(dir / "mbpp.jsonl", with_shots(0)).text_of(0).requests[0].context == mbpp_prompt(11));
    auto limited  = with_shots(1);
    limited.limit = 1;
    CHECK(qeval::mbpp::load(dir / "mbpp.jsonl", limited).items.size() == 1);
    CHECK_THROWS_WITH(qeval::mbpp::load(dir / "mbpp.jsonl", with_shots(4)),
                      Catch::Contains("EV09") && Catch::Contains("at most 3"));
    put_file(dir / "mbpp.jsonl", mbpp_row(3) + mbpp_row(11));
    check_refused([&] { (void)qeval::mbpp::load(dir / "mbpp.jsonl", with_shots(3)); },
                  {"DS08", "mbpp.jsonl", "1 of the problems 2, 3 and 4", "3, the worked examples", ""});
    put_file(dir / "mbpp.jsonl", mbpp_row(2));
    check_refused([&] { (void)qeval::mbpp::load(dir / "mbpp.jsonl", with_shots(0)); },
                  {"DS08", "mbpp.jsonl", "no items", "", ""});
    put_file(dir / "mbpp.jsonl", R"({"task_id": 11, "text": "a", "code": "b", "test_list": ["c"]})"
                                 "\n");
    check_refused([&] { (void)qeval::mbpp::load(dir / "mbpp.jsonl", with_shots(0)); },
                  {"DS06", "mbpp.jsonl line 1, test_list", "", "three tests", ""});
}
TEST_CASE("programs are run only where a person said so") {
    scratch const dir;
    put_file(dir / "mbpp.jsonl", mbpp_row(11));
    CHECK_THROWS_WITH(qeval::mbpp::load(dir / "mbpp.jsonl"),
                      Catch::Contains("SB04") && Catch::Contains("--allow-code-execution"));
}
TEST_CASE("HumanEval: the prompt is raw, or stripped for the presets that strip it, and goes before the completion as "
          "asked") {
    scratch const dir;
    put_file(dir / "h.jsonl",
             R"x({"task_id": "HumanEval/0", "prompt": "\ndef f(x):\n    \"\"\"One.\"\"\"\n", )x"
             R"x("canonical_solution": "    return 1\n", "test": "def check(f):\n    assert f(0) == 1\n", )x"
             R"x("entry_point": "f"})x"
             "\n");
    auto options        = with_shots(0);
    options.code.preset = "bigcode";
    auto const stripped = qeval::humaneval::load(dir / "h.jsonl", options);
    options.code.preset = "lm-eval";
    auto const      raw = qeval::humaneval::load(dir / "h.jsonl", options);
    scripted_engine e;
    e.size    = 107; // line breaks are a token, too
    e.context = 4096;
    CHECK(raw.items[0].problem.prompt == "\ndef f(x):\n    \"\"\"One.\"\"\"\n");
    CHECK(stripped.items[0].problem.prompt == "def f(x):\n    \"\"\"One.\"\"\"");
    CHECK(question_of(e, raw, 0).requests.size() == 1); // greedy
    CHECK(question_of(e, raw, 0).requests[0].how.max_tokens == 1024);
    auto const q = question_of(e, stripped, 0);
    CHECK(q.requests.size() == 20); // drawn
    CHECK(q.requests[19].how.sample == 19);
    CHECK(q.requests[0].how.max_tokens + qeval::index(q.requests[0].prompt.size()) == 512);
    CHECK(question_of(e, raw, 0).requests[0].prompt.size() == q.requests[0].prompt.size() + 2);
    CHECK_THAT(
        stripped.protocol(),
        Catch::Contains(
            "preset bigcode: stripped prompt, 20 sample(s), temperature 0.2, top-p 0.95, at most 512 tokens in all"));
    CHECK_THAT(raw.protocol(),
               Catch::Contains("preset lm-eval: raw prompt, 1 sample(s), greedy, at most 1024 new tokens"));
    options.code.preset      = "opencompass";
    options.code.samples     = 3;
    options.code.temperature = 0.5;
    auto const asked         = question_of(e, qeval::humaneval::load(dir / "h.jsonl", options), 0);
    CHECK(asked.requests.size() == 3);
    CHECK(asked.requests[2].how.temperature == 0.5);
}
TEST_CASE("LAMBADA's target is a space and the last word") {
    scratch const dir;
    put_file(dir / "l.jsonl", "{\"text\": \"in my palm is a clear stone , and inside it is a small ivory "
                              "statue\"}\n{\"text\": \"a\\nb c\"}\n");
    auto const task = qeval::lambada_openai::load(dir / "l.jsonl");
    CHECK(qeval::lambada_openai::name == "lambada_openai");
    REQUIRE(task.items.size() == 2);
    CHECK(task.items[0].context == "in my palm is a clear stone , and inside it is a small ivory");
    CHECK(task.items[0].target == " statue");
    CHECK(task.items[1].context == "a\nb");
    put_file(dir / "l.jsonl", "{\"text\": \"ends with a space \"}\n");
    check_refused([&] { (void)qeval::lambada_openai::load(dir / "l.jsonl"); },
                  {"DS06", "l.jsonl line 1, text", "", "the last one after a space", ""});
}
