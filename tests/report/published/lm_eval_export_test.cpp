#include <algorithm>
#include <sstream>
#include <string>

#include <tests/report/sample_result.hpp>
#include <tests/support/catch.hpp>

#include <qeval/io/json/json.hpp>
#include <qeval/report/published/lm_eval_export.hpp>

namespace {

qeval::file_texts exported(qeval::evaluation_result const& r) {
    return qeval::lm_eval_files(r, {"models/tiny", 400, 1234});
}

} // namespace

TEST_CASE("results are keyed as lm-eval keys them") {
    auto const files = exported(qeval_test::sample_result({2, 2, 1, 3, false}));
    auto const j     = qeval::json::parse(files.at("q8_0/results_2026-03-04T05-06-07.json"));
    CHECK(j["results"]["mmlu"]["acc_stderr,none"] == 0.0237);
    CHECK(j["results"]["mmlu"]["acc,none"].is_number());
    CHECK(j["results"]["humaneval"]["pass@1,none"].is_number());
    CHECK(j["results"]["mmlu_anatomy"]["alias"] == "anatomy");
    CHECK(j["group_subtasks"]["mmlu"] == qeval::json::array({"mmlu_anatomy", "mmlu_world_religions"}));
    CHECK(j["results"]["perplexity:llamacpp"]["perplexity,none"].is_number());
    CHECK(j["higher_is_better"]["perplexity:llamacpp"]["perplexity"] == false);
    CHECK(j["n-samples"]["mmlu"]["effective"] == 400);
    CHECK(j["n-shot"]["mmlu"] == 5);
    CHECK(j["n-shot"]["mmlu_anatomy"] == 5);
    CHECK(j["n-shot"]["humaneval"] == 0);
    CHECK(j["config"]["model_args"] == "pretrained=models/tiny,scheme=q8_0");
    CHECK(j["model_name_sanitized"] == "models__tiny");
    CHECK(j["date"] == 1772600767.0);
}

TEST_CASE("what is not defined is lm-eval's N/A") {
    auto r                                              = qeval_test::sample_result({1, 1, 0, 1, false});
    r.scores.schemes[0].tasks[0].metrics[0].score.error = qeval::undefined_value;
    auto const j = qeval::json::parse(exported(r).at("source/results_2026-03-04T05-06-07.json"));
    CHECK(j["results"]["mmlu"]["acc_stderr,none"] == "N/A");
}

TEST_CASE("two filters of gsm8k are one metric") {
    auto  r = qeval_test::sample_result({1, 1, 0, 1, false});
    auto& t = r.scores.schemes[0].tasks[0];
    t.task  = "gsm8k";
    t.metrics.push_back(t.metrics[0]);
    t.metrics[0].metric.name = "exact_match";
    t.metrics[1].metric.name = "flexible_match";
    auto const j             = qeval::json::parse(exported(r).at("source/results_2026-03-04T05-06-07.json"));
    CHECK(j["results"]["gsm8k"].contains("exact_match,strict-match"));
    CHECK(j["results"]["gsm8k"].contains("exact_match_stderr,flexible-extract"));
}

TEST_CASE("samples have a line for each item") {
    auto const         files = exported(qeval_test::sample_result({2, 2, 1, 3, false}));
    std::istringstream lines(files.at("q8_0/samples_mmlu_2026-03-04T05-06-07.jsonl"));
    int                n = 0;
    for (std::string line; std::getline(lines, line); ++n) {
        auto const j = qeval::json::parse(line);
        CHECK(j["doc_id"] == n);
        CHECK(j["filtered_resps"][1][0] == "-2.25");
        CHECK(j["resps"].size() == 4);
        CHECK(j["metrics"][0] == "acc");
        CHECK(j["acc"] == (n % 2 == 0 ? 1.0 : 0.0));
        CHECK(j["target"] == "0");
    }
    CHECK(n == 3);
    auto const& text = files.at("q8_0/samples_humaneval_2026-03-04T05-06-07.jsonl");
    auto const  code = qeval::json::parse(text.substr(0, text.find('\n')));
    CHECK(code["resps"][0][0] == "    return \"<p>\"\n");
}

TEST_CASE("no name leaves the folder of exports") {
    for (auto const& [path, content] : exported(qeval_test::sample_result({8, 2, 1, 1, true}))) {
        CHECK(path[0] != '/');
        CHECK(path.find("/../") == path.npos);
        CHECK(std::count(path.begin(), path.end(), '/') == 1);
    }
    CHECK(qeval::file_name_of("nf4:dq@f16") == "nf4__dq@f16");
    CHECK(qeval::file_name_of("..") == "_..");
    CHECK(qeval::file_name_of("") == "_");
    CHECK(qeval::file_name_of("a<>/b") == "a__b");
}
