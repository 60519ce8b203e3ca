#include <cmath>
#include <string>

#include <tests/report/sample_result.hpp>
#include <tests/support/catch.hpp>

#include <qeval/report/html_report.hpp>
#include <qeval/report/results_json.hpp>
#include <qeval/report/scheme_table.hpp>
#include <qeval/report/summary.hpp>
#include <qeval/report/text/work_text.hpp>

using namespace qeval_test;

TEST_CASE("a speed is tokens computed over seconds; what is not known is a dash, and no number") {
    qeval::task_work_sum work{"mmlu", 90000, 30, 9000, 1.5, {"p"}};
    CHECK(qeval::rate_text(&work) == "6000");
    CHECK(qeval::written_rate_text(&work) == "20.0");
    CHECK(qeval::seconds_text(&work, 2) == "1.50");
    work.computed = -1; // the engine does not tell
    CHECK(qeval::rate_text(&work) == qeval::absent);
    CHECK(qeval::seconds_text(&work, 2) == "1.50");
    work.seconds  = std::nan("");
    using pointer = qeval::task_work_sum const*;
    for (pointer const w : {pointer(&work), pointer()}) {
        CHECK(qeval::rate_text(w) == qeval::absent);
        CHECK(qeval::written_rate_text(w) == qeval::absent);
        CHECK(qeval::seconds_text(w, 2) == qeval::absent);
    }
}

TEST_CASE("the notes say what speeds and times count, and over how many processes they are added up") {
    auto r = sample_result({});
    CHECK(qeval::speed_note(r).starts_with("tok/s: tokens of perplexity:llamacpp that went through the model"));
    CHECK(qeval::work_note(r.run) == "2 threads. 12.5 s to build the engines and answer, peak memory 117.74 MiB.");
    r.run.schemes[0].processes.push_back({"another", 0.25, 1, 2});
    CHECK(
        qeval::work_note(r.run).ends_with("117.74 MiB, added up over 2 processes; the memory is that of the largest."));
    auto const summary = qeval::summary_markdown(r);
    CHECK_THAT(summary, Catch::Contains(qeval::speed_note(r)) && Catch::Contains(qeval::work_note(r.run)));
}

TEST_CASE("the table's tok/s is that of its text, whatever was done before it") {
    auto r = sample_result({});
    for (auto& s : r.run.schemes) std::swap(s.tasks[0], s.tasks[1]);
    auto const table = qeval::scheme_table(r).markdown();
    CHECK_THAT(table, Catch::Contains("| 6827 |") && !Catch::Contains("| 8182 |"));
}

TEST_CASE("the page and results.json have tokens and seconds of every task, and written tokens where a model writes") {
    auto const r    = sample_result({});
    auto const page = qeval::html_report(r, {});
    CHECK_THAT(page, Catch::Contains("perplexity:<wbr>llamacpp tok/s") && Catch::Contains("mmlu tok/s") &&
                         Catch::Contains("humaneval written/s") && !Catch::Contains("mmlu written/s") &&
                         Catch::Contains("a beginning that requests share counts once"));
    auto const run = qeval::run_json(r.run);
    for (auto const& s : run["schemes"]) {
        CHECK(s["tasks"][1]["tokens_read"] == 90000);
        CHECK(s["tasks"][1]["tokens_computed"] == 9000);
        CHECK(s["tasks"][2]["tokens_written"] == 800);
        CHECK(s["processes"][0]["peak_bytes"] == 50'000'000);
    }
}
