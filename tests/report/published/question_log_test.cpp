#include <fstream>
#include <iterator>
#include <string>

#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/report/published/question_log.hpp>

namespace {

qeval::metric_spec const acc{"acc", qeval::metric_kind::proportion, true},
    pass{"pass@1", qeval::metric_kind::mean, true};

qeval::item_outcome outcome() {
    qeval::item_outcome o;
    o.id     = "anatomy/3";
    o.group  = "anatomy";
    o.chosen = 2;
    o.target = 1;
    o.values = {0};
    o.work   = {820, 0, 41, 0.02134, "p"};
    return o;
}

} // namespace

TEST_CASE("a line of the log says who was asked what, what came of it, and the score so far") {
    auto o = outcome();
    CHECK(qeval::question_line({"q4_k_m", "mmlu", 11, 570, &o, &acc, 5.0 / 12}, "T") ==
          "T q4_k_m mmlu 12/570 id=anatomy/3 subject=anatomy wrong chosen=2 target=1 acc=0.4167 s=0.0213 read=820 "
          "computed=41\n");
    o         = {};
    o.id      = "HumanEval/0";
    o.values  = {0.25};
    o.correct = false;
    o.work    = {30, 7, -1, 1.5, "p"};
    CHECK(qeval::question_line({"source", "humaneval", 0, 164, &o, &pass, 0.25}, "T") ==
          "T source humaneval 1/164 id=HumanEval/0 0.25 pass@1=0.2500 s=1.5000 read=30 written=7\n");
    o.work  = {}; // nobody knows
    o.error = "too long: 600 tokens";
    o.id    = "a\nb\x1b[2J"; // ids come from data files
    CHECK(qeval::question_line({"source", "humaneval", 0, 164, &o, &pass, 0.25}, "T") ==
          "T source humaneval 1/164 id=a b [2J error=too long: 600 tokens pass@1=0.2500 s=- read=0\n");
}

TEST_CASE("a line of the log has the item's state where it is not plainly answered, and how many items failed so far") {
    auto       o    = outcome();
    auto const line = [&](qeval::index failed) {
        return qeval::question_line({"source", "mmlu", 0, 4, &o, &acc, 0.25, failed}, "T");
    };
    o.tie = true;
    CHECK_THAT(line(0), Catch::Contains(" wrong tied chosen=2 ") && Catch::Contains(" acc=0.2500 s="));
    o.truncated = true;
    CHECK_THAT(line(0), Catch::Contains(" wrong truncated chosen=2 "));
    o.error = "nonfinite logits";
    CHECK_THAT(line(3),
               Catch::Contains(" error=nonfinite logits chosen=2 ") && Catch::Contains(" acc=0.2500 failed=3 "));
}

TEST_CASE("the log of a run that goes on follows the lines of the one before") {
    qeval_test::scratch const dir;
    auto const                o = outcome();
    for (int run = 0; run < 2; ++run) {
        qeval::question_log log(dir / "questions.log");
        log({"q8_0", "mmlu", run, 2, &o, &acc, 0});
    }
    std::ifstream     file(dir / "questions.log");
    std::string const text{std::istreambuf_iterator<char>(file), {}};
    CHECK_THAT(text, Catch::Contains(" q8_0 mmlu 1/2 ") && Catch::Contains(" q8_0 mmlu 2/2 "));
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
    CHECK_THROWS_AS(qeval::question_log(dir / "nowhere" / "questions.log"), qeval::environment_error);
}
