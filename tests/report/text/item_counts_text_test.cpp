// Failed items, cut prompts, ties and partial data in every report that shows a score.
#include <string>
#include <string_view>
#include <vector>

#include <tests/report/sample_result.hpp>
#include <tests/support/catch.hpp>

#include <qeval/report/html_report.hpp>
#include <qeval/report/published/opencompass_tree.hpp>
#include <qeval/report/results_csv.hpp>
#include <qeval/report/results_json.hpp>
#include <qeval/report/scheme_table.hpp>
#include <qeval/report/summary.hpp>
#include <qeval/report/text/item_counts_text.hpp>

using namespace qeval_test;

namespace {

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++n;
    return n;
}
// Of four schemes and two tasks: the first task failed under two of them, for different reasons, the reference is one.
qeval::evaluation_result failed_result() {
    auto r = sample_result({4, 2, 2, 3, false});
    for (auto& s : r.scores.schemes) s.tasks[1].ties = s.scheme == "source" ? 0 : 2, s.tasks[1].truncated = 5;
    fail_items(r, 0, 0, 400);
    fail_items(r, 2, 0, 57);
    r.scores.schemes[2].tasks[0].failures.emplace_back("nonfinite logits", 3);
    r.scores.schemes[2].tasks[0].failed = 60;
    for (std::size_t i = 1; i < 4; ++i) {
        auto& t = r.scores.schemes[i].tasks[0];
        t.metrics[0].against_reference.reset();
        t.not_compared = "not compared with source, which failed 400 of 400 items";
    }
    return r;
}

std::string const source_line = "mmlu: 400 of 400 items failed under source and count as wrong: too long (400)";
std::string const q6_line =
    "mmlu: 60 of 400 items failed under q6_k and count as wrong: too long (57), nonfinite logits (3)";
std::string const reference_line = "mmlu: not compared with source, which failed 400 of 400 items";

} // namespace

TEST_CASE("every task has a line of its counts, every failure one with schemes and reasons") {
    auto const r = failed_result();
    CHECK(qeval::counts_lines(r.scores) == std::vector<std::string>{
                                               "perplexity:llamacpp: 12 windows, 0 failed",
                                               "mmlu: 400 items, 0 to 400 failed, 0 truncated, 0 tied",
                                               "humaneval: 400 items, 0 failed, 5 truncated, 0 to 2 tied",
                                           });
    CHECK(qeval::failure_lines(r.scores) == std::vector<std::string>{source_line, q6_line, reference_line});
    auto alike = sample_result({4, 2, 2, 3, false});
    CHECK(qeval::failure_lines(alike.scores).empty());
    for (std::size_t i = 0; i < 4; ++i) fail_items(alike, i, 1, 7);
    CHECK(qeval::failure_lines(alike.scores) ==
          std::vector<std::string>{
              "humaneval: 7 of 400 items failed under every scheme and count as wrong: too long (7)"});
    CHECK(qeval::counts_lines({}).empty());
}

TEST_CASE("a score over failed items is marked in every table, and no other is") {
    auto const r = failed_result();
    CHECK(count(qeval::scheme_table(r).markdown(), " ! |") == 2);
    CHECK(count(qeval::task_table(r, 0).markdown(), " ! |") == 2);
    CHECK(count(qeval::task_table(r, 1).markdown(), " ! |") == 0);
    CHECK(count(qeval::exam_layout(r, 0).markdown(), " ! |") == 2);
    CHECK(count(qeval::scheme_table(sample_result({4, 2, 2, 3, false})).markdown(), "!") == 0);
    auto texts                                             = sample_result({4, 2, 2, 3, false});
    texts.scores.schemes[1].texts[0].task.failed           = 12;
    texts.scores.schemes[1].texts[0].task.failures         = {{"nonfinite logits", 12}};
    texts.scores.schemes[1].texts[0].perplexity.perplexity = {};
    CHECK(count(qeval::scheme_table(texts).markdown(), "| - ! |") == 1);
    CHECK(count(qeval::protocol_table(texts).markdown(), "| - ! |") == 1);
    CHECK(qeval::failure_lines(texts.scores) ==
          std::vector<std::string>{"perplexity:llamacpp: 12 of 12 windows failed under q8_0: nonfinite logits (12)"});
}

TEST_CASE("summary.md, report.html, results.json and opencompass' files have the counts and the reasons") {
    auto const r       = failed_result();
    auto const summary = qeval::summary_markdown(r), page = qeval::html_report(r);
    for (auto const& line : {source_line, q6_line, reference_line}) {
        CHECK(count(summary, "- **!** " + line + "\n") == 1);
        CHECK(count(page, line) == 1);
    }
    for (auto const& line : qeval::counts_lines(r.scores)) {
        CHECK(count(summary, "- " + line + "\n") == 1);
        CHECK(count(page, "<li>" + line + "</li>") == 1);
    }
    CHECK(count(page, "<span class=\"failed\">!</span>") == 2);
    CHECK(count(page, "class=\"dot failed") == 2);
    auto const  scores = qeval::scores_json(r.scores);
    auto const& task   = scores["schemes"][2]["tasks"][0];
    CHECK(task["errors"] == 60);
    CHECK(task["failures"] == qeval::json{{"too long", 57}, {"nonfinite logits", 3}});
    CHECK(task["not_compared"] == "not compared with source, which failed 400 of 400 items");
    CHECK(!task["metrics"]["acc"].contains("against_reference"));
    CHECK(!scores["schemes"][2]["tasks"][1].contains("failures"));
    for (auto const& [name, text] : qeval::opencompass_tree(r).files()) {
        if (name.find("/results/") == name.npos) continue;
        INFO(name);
        CHECK(count(text, "\"details\"") == 1);
        CHECK(count(text, "\"failed\": 60") == (name.find("q6_k/mmlu") != name.npos ? 1u : 0u));
    }
}

TEST_CASE("a score over partial data is marked in every table and file, and no other is") {
    auto              r     = sample_result({4, 2, 2, 3, false});
    std::string const words = "13,000 of the 14042 items of MMLU, test split; 54 of 57 subjects";
    CHECK(count(qeval::html_report(r), "partial") == 0);
    for (auto& s : r.scores.schemes) s.tasks[0].data = {qeval::data_kind::partial, words};
    for (auto& s : r.scores.schemes) s.tasks[1].data = {qeval::data_kind::own, "the user's own (400 items)"};
    std::string const mark = " partial |";
    CHECK(count(qeval::scheme_table(r).markdown(), mark) == 4);
    CHECK(count(qeval::task_table(r, 0).markdown(), mark) == 4);
    CHECK(count(qeval::task_table(r, 1).markdown(), mark) == 0);
    CHECK(count(qeval::category_table(r, 0).markdown(), mark) == 12); // the average and two categories
    CHECK(count(qeval::exam_layout(r, 0).markdown(), mark) == 4);
    CHECK(count(qeval::exam_category_layout(r, 0).markdown(), mark) == 12);
    CHECK(count(qeval::code_layout(r, 1).markdown(), mark) == 0);
    for (auto& s : r.scores.schemes) s.tasks[1].data.kind = qeval::data_kind::partial;
    CHECK(count(qeval::code_layout(r, 1).markdown(), mark) == 4);
    for (auto& s : r.scores.schemes) s.tasks[1].data.kind = qeval::data_kind::own;
    CHECK(qeval::failure_lines(r.scores) == std::vector<std::string>{"mmlu: partial data: " + words});
    CHECK(count(qeval::summary_markdown(r), "- **!** mmlu: partial data: " + words) == 1);
    auto const page = qeval::html_report(r);
    CHECK(count(page, "<span class=\"failed\">partial</span>") == 4);
    CHECK(count(page, "mmlu: partial data: " + words) == 1);
    auto const csv = qeval::results_csv(r.scores);
    CHECK(count(csv, ",partial\r\n") == 4);
    CHECK(count(csv, ",own\r\n") == 4);
    auto const scores = qeval::scores_json(r.scores);
    CHECK(scores["schemes"][2]["tasks"][0]["data"] == qeval::json{{"kind", "partial"}, {"words", words}});
    CHECK(!scores["schemes"][2]["texts"][0].contains("data"));
}
