#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <tests/report/sample_result.hpp>
#include <tests/support/catch.hpp>

#include <qeval/io/json/json.hpp>
#include <qeval/report/published/lm_eval_export.hpp>

namespace {

qeval::file_texts exported(qeval::evaluation_result const& r, qeval::asked_texts const* texts = nullptr) {
    qeval::lm_eval_settings how;
    how.model.name = "models/tiny";
    how.limit      = 400;
    how.seed       = 1234;
    how.texts      = texts;
    how.samples    = texts != nullptr;
    qeval::file_texts files;
    qeval::write_lm_eval_files(r, how, [&](auto const& path, auto const& content) { files[path] = content; });
    return files;
}

// A set of 1000 and 500 questions, of which two are in the result.
struct known_set : qeval::asked_texts {
    std::vector<qeval::set_part> parts(std::string_view task) const override {
        if (task != "mmlu") return {{{}, {}, {}, 164}};
        return {{"anatomy", "anatomy", "STEM", 1000}, {"world_religions", "world religions", "Social sciences", 500}};
    }
    std::optional<qeval::item_text> text(std::string_view task, std::size_t item) const override {
        if (task == "perplexity:llamacpp") return std::nullopt;
        return qeval::item_text{
            "{\"number\": " + std::to_string(item) + "}", "0", {{"Q?\nA:", " A"}, {"Q?\nA:", " B"}}, "def f():\n", {}};
    }
};

} // namespace

TEST_CASE("results are keyed as lm-eval keys them") {
    auto const files = exported(qeval_test::sample_result({2, 2, 1, 3, false}));
    auto const j     = qeval::json::parse(files.at("q8_0/results_2026-03-04T05-06-07.json"));
    CHECK(j["results"]["mmlu_anatomy"]["acc_stderr,none"] == 0.03);
    CHECK(j["results"]["mmlu"]["acc,none"].is_number());
    CHECK(j["results"]["humaneval"]["pass@1,create_test"].is_number());
    CHECK(j["results"]["mmlu_anatomy"]["alias"] == "anatomy");
    CHECK(j["group_subtasks"]["mmlu"] == qeval::json::array({"mmlu_anatomy", "mmlu_world_religions"}));
    CHECK(j["results"]["perplexity:llamacpp"]["perplexity,none"].is_number());
    CHECK(j["higher_is_better"]["perplexity:llamacpp"]["perplexity"] == false);
    CHECK(j["n-samples"]["mmlu_anatomy"]["effective"] == 200);
    CHECK(j["n-shot"]["mmlu"] == 5);
    CHECK(j["n-shot"]["mmlu_anatomy"] == 5);
    CHECK(j["n-shot"]["humaneval"] == 0);
    CHECK(j["config"]["model_args"] == "pretrained=models/tiny,scheme=q8_0");
    CHECK(j["model_name_sanitized"] == "models__tiny");
    CHECK(j["date"] == 1772600767.0);
}

TEST_CASE("the metadata of a task says how many of its items failed, where any did") {
    auto r = qeval_test::sample_result({2, 2, 1, 3, false});
    qeval_test::fail_items(r, 1, 1, 7);
    r.scores.schemes[1].tasks[0].subjects[0].failed = 3;
    auto const of                                   = [](auto const& files, std::string const& scheme) {
        return qeval::json::parse(files.at(scheme + "/results_2026-03-04T05-06-07.json"))["configs"];
    };
    auto const files = exported(r);
    auto const q8 = of(files, "q8_0"), source = of(files, "source");
    CHECK(q8["humaneval"]["metadata"]["failed"] == 7);
    CHECK(q8["mmlu_anatomy"]["metadata"]["failed"] == 3);
    CHECK(!q8["mmlu_world_religions"]["metadata"].contains("failed"));
    CHECK(!source["humaneval"]["metadata"].contains("failed"));
}

TEST_CASE("a group's error is pooled from its tasks, its categories are groups, too, and sizes are the whole set's") {
    known_set const texts;
    auto const      files = exported(qeval_test::sample_result({2, 2, 1, 3, false}), &texts);
    auto const      j     = qeval::json::parse(files.at("q8_0/results_2026-03-04T05-06-07.json"));
    // Two tasks of 200 items, errors 0.03 each: sqrt((199 * 200 * 0.0009 * 2) / 398 / 400).
    CHECK(j["results"]["mmlu"]["acc,none"].get<double>() == Approx(0.655));
    CHECK(j["results"]["mmlu"]["acc_stderr,none"].get<double>() ==
          Approx(std::sqrt(199 * 200 * 0.0009 * 2 / 398 / 400)));
    CHECK(j["results"]["mmlu"]["sample_count"]["acc,none"] == 400);
    CHECK(j["group_subtasks"]["mmlu"] == qeval::json::array({"mmlu_stem", "mmlu_social_sciences"}));
    CHECK(j["group_subtasks"]["mmlu_stem"] == qeval::json::array({"mmlu_anatomy"}));
    CHECK(j["groups"]["mmlu_social_sciences"]["alias"] == "social sciences");
    CHECK(j["n-samples"]["mmlu_anatomy"] == qeval::json{{"original", 1000}, {"effective", 200}});
    CHECK(j["n-samples"]["humaneval"]["original"] == 164);
    CHECK(j["configs"]["mmlu_anatomy"]["dataset_name"] == "anatomy");
    CHECK(j["versions"]["mmlu"] == "2");
    CHECK(j["versions"]["mmlu_anatomy"] == 1.0);
}

TEST_CASE("what is not defined is lm-eval's N/A") {
    auto r                                               = qeval_test::sample_result({1, 1, 0, 1, false});
    r.scores.schemes[0].tasks[0].subjects[0].score.error = qeval::undefined_value;
    auto const j = qeval::json::parse(exported(r).at("source/results_2026-03-04T05-06-07.json"));
    CHECK(j["results"]["mmlu_anatomy"]["acc_stderr,none"] == "N/A");
    CHECK(j["results"]["mmlu"]["acc_stderr,none"] == "N/A");
}

TEST_CASE("runs of one second have files of their own") {
    auto r        = qeval_test::sample_result({1, 1, 0, 1, false});
    r.run.started = "2026-03-04T05:06:07.250000Z";
    auto const j  = qeval::json::parse(exported(r).at("source/results_2026-03-04T05-06-07.250000.json"));
    CHECK(j["date"].get<double>() == Approx(1772600767.25).epsilon(0).margin(1e-6));
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

TEST_CASE("samples have a line for each item of a subject, with what was asked and what it counts") {
    known_set const    texts;
    auto const         files = exported(qeval_test::sample_result({2, 2, 1, 3, false}), &texts);
    std::istringstream lines(files.at("q8_0/samples_mmlu_anatomy_2026-03-04T05-06-07.jsonl"));
    int                n = 0;
    for (std::string line; std::getline(lines, line); ++n) {
        auto const j = qeval::json::parse(line);
        CHECK(j["doc_id"] == n);
        CHECK(j["doc"]["number"] == 2 * n); // every second item is the subject's
        CHECK(j["arguments"]["gen_args_1"] == qeval::json{{"arg_0", "Q?\nA:"}, {"arg_1", " B"}});
        CHECK(j["filtered_resps"][1] == "-2.25");
        CHECK(j["resps"].size() == 4);
        CHECK(j["metrics"] == qeval::json::array({"acc"}));
        CHECK(j["acc"] == 1.0);
        CHECK(j["target"] == "0");
    }
    CHECK(n == 2);
    auto const& text = files.at("q8_0/samples_humaneval_2026-03-04T05-06-07.jsonl");
    auto const  code = qeval::json::parse(text.substr(0, text.find('\n')));
    CHECK(code["resps"][0][0] == "    return \"<p>\"\n");
    CHECK(code["filtered_resps"][0][0] == "def f():\n    return \"<p>\"\n");
    CHECK(code["filter"] == "create_test");
}

TEST_CASE("tasks that lm-eval has not are described by their own rule, and have samples if they have texts") {
    known_set const texts;
    auto const      files = exported(qeval_test::sample_result({1, 3, 1, 3, false}), &texts);
    auto const      j     = qeval::json::parse(files.at("source/results_2026-03-04T05-06-07.json"));
    CHECK(j["configs"]["multiple_choice_2"]["description"] == "a rule, in words");
    CHECK(j["configs"]["multiple_choice_2"]["output_type"] == "multiple_choice");
    CHECK(j["configs"]["multiple_choice_2"]["metric_list"][0]["metric"] == "acc");
    CHECK(files.contains("source/samples_multiple_choice_2_2026-03-04T05-06-07.jsonl"));
    CHECK(j["results"].contains("perplexity:llamacpp"));
    CHECK(!files.contains("source/samples_perplexity__llamacpp_2026-03-04T05-06-07.jsonl"));
}

TEST_CASE("prompts are written only where they were asked for") {
    for (auto const& [path, content] : exported(qeval_test::sample_result({2, 2, 1, 3, false})))
        CHECK(path.find("samples_") == path.npos);
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
