// The two modes say the same: of all solutions of HumanEval and MBPP, and of programs that differ from them in one word
// (QEVAL_MUTANTS of them, 400 where it is not set). Each difference is printed with both verdicts.
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <tests/eval/code/mutants.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/sandbox.hpp>

#include <qeval/eval/code/code_answers.hpp>
#include <qeval/eval/code/code_checker.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/jsonl.hpp>

using namespace qeval_test;
using qeval::code_verdict;

namespace {

struct solved_problem {
    std::string         id;
    qeval::code_problem problem;
    std::string         solution;
};
using program = std::pair<qeval::code_problem const*, std::string>;

// std::deque: programs point at its problems.
std::deque<solved_problem> solved_problems() {
    std::deque<solved_problem> all;
    auto const                 humaneval = data("datasets/humaneval/HumanEval.jsonl.gz");
    auto const                 mbpp      = data("datasets/mbpp/mbpp.jsonl");
    if (!humaneval || !mbpp) return all;
    auto const first = qeval::read_data_file(*humaneval), second = qeval::read_data_file(*mbpp);
    qeval::for_each_jsonl_line(first.bytes, first.name, [&](std::size_t, qeval::json_document const& row) {
        all.push_back({row.at("task_id").string(),
                       {row.at("prompt").string(), row.at("test").string(), row.at("entry_point").string()},
                       row.at("canonical_solution").string()});
    });
    qeval::for_each_jsonl_line(second.bytes, second.name, [&](std::size_t, qeval::json_document const& row) {
        auto const id = row.at("task_id").integer(1, 1'000'000);
        if (id < 11 || id > 510) return;
        std::string tests;
        row.at("test_list").for_each_element([&](std::size_t, qeval::json_value t) { tests += t.string() + "\n"; });
        all.push_back({"mbpp " + std::to_string(id), {"", tests, ""}, row.at("code").string()});
    });
    return all;
}

// The limit of time is one of wall time: beside other programs a check that needs most of it ends in one mode and not
// in the other. Such a pair is judged again, one check at a time and with ten times the limit.
void judge_late_again(program const& p, qeval::code_result& split, qeval::code_result& compat) {
    auto const late = [](qeval::code_result const& r) { return r.verdict == code_verdict::timed_out; };
    if (late(split) == late(compat)) return;
    constexpr double seconds = 30;
    split                    = qeval::code_checker(qeval::exec_mode::split, seconds).check(*p.first, p.second);
    compat                   = qeval::code_checker(qeval::exec_mode::compat, seconds).check(*p.first, p.second);
}

// How many of `work` both modes pass; each difference fails the test.
int passed_by_both(std::vector<program> const& work) {
    int const  workers = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    auto const start   = std::chrono::steady_clock::now();
    auto       split   = qeval::check_all(qeval::code_checker(), work, workers);
    auto const seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    auto       compat  = qeval::check_all(qeval::code_checker(qeval::exec_mode::compat), work, workers);
    int        passed  = 0;
    for (std::size_t i = 0; i < work.size(); ++i) {
        judge_late_again(work[i], split[i], compat[i]);
        passed += split[i].verdict == code_verdict::passed;
        INFO(work[i].first->prompt << work[i].second << work[i].first->test << "\nsplit: " << split[i].text
                                   << "\ncompat: " << compat[i].text);
        CHECK(split[i].verdict == compat[i].verdict);
    }
    std::printf("%zu programs, %d passed, %.1f checks a second in split sandboxes\n", work.size(), passed,
                static_cast<double>(work.size()) / seconds);
    return passed;
}

} // namespace

TEST_CASE("all solutions of HumanEval and MBPP get the same verdict in both modes") {
    auto const problems = solved_problems();
    if (problems.empty() || !sandbox_works()) return;
    std::vector<program> work;
    for (auto const& p : problems) work.emplace_back(&p.problem, p.solution);
    CHECK(work.size() == 664);
    CHECK(passed_by_both(work) >= 662); // one of MBPP's own is wrong, and one takes 3 s on a busy machine
}
TEST_CASE("programs that are nearly right get the same verdict in both modes") {
    auto const problems = solved_problems();
    if (problems.empty() || !sandbox_works()) return;
    std::vector<program> all, work;
    for (auto const& p : problems) {
        for (auto& mutant : mutants_of(p.solution)) all.emplace_back(&p.problem, std::move(mutant));
    }
    char const* const wanted = std::getenv("QEVAL_MUTANTS");
    std::size_t const count  = wanted ? std::strtoul(wanted, nullptr, 10) : 400;
    REQUIRE(count >= 100);
    REQUIRE(all.size() > count);
    for (std::size_t i = 0; i < count; ++i) work.push_back(all[i * all.size() / count]);
    int const passed = passed_by_both(work);
    CHECK(passed > static_cast<int>(count / 20)); // some exchanges change nothing
    CHECK(passed < static_cast<int>(count / 4));
}
