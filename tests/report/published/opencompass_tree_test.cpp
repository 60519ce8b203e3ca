#include <algorithm>
#include <set>
#include <string>

#include <tests/report/sample_result.hpp>
#include <tests/support/catch.hpp>

#include <qeval/io/file/sha256.hpp>
#include <qeval/io/json/json.hpp>
#include <qeval/report/published/opencompass_tree.hpp>

TEST_CASE("the tree has opencompass's folders and files") {
    auto const files = qeval::opencompass_tree(qeval_test::sample_result({2, 2, 0, 2, false})).files();
    for (char const* path :
         {"configs/20260304_050607.json", "results/q8_0/mmlu.json", "results/source/perplexity__llamacpp.json",
          "predictions/q8_0/humaneval.json", "summary/summary_20260304_050607.csv",
          "summary/summary_20260304_050607.md", "summary/summary_20260304_050607.txt"}) {
        CHECK(files.count(std::string("20260304_050607/") + path) == 1);
    }
    auto const predictions = qeval::json::parse(files.at("20260304_050607/predictions/q8_0/mmlu.json"));
    CHECK(predictions["1"]["prediction"] == 1);
    CHECK(predictions["1"]["gold"] == 0);
}

TEST_CASE("runs that begin in one second have trees of their own, in the order of their names") {
    auto const            r = qeval_test::sample_result({2, 2, 0, 2, false});
    std::set<std::string> names;
    for (int run = 0; run < 12; ++run) {
        qeval::opencompass_tree const tree(r, [&](std::string const& name) { return names.contains(name); });
        auto const                    files = tree.files();
        auto const                    name  = files.begin()->first.substr(0, files.begin()->first.find('/'));
        for (auto const& [path, content] : files) CHECK_THAT(path, Catch::StartsWith(name + "/"));
        CHECK(files.count(name + "/summary/summary_" + name + ".csv") == 1);
        CHECK((names.empty() || *names.rbegin() < name));
        names.insert(name);
    }
    CHECK(names.size() == 12);
}

TEST_CASE("a summary row is dataset, version, metric, mode and one score in per cent for each scheme") {
    auto const    r   = qeval_test::sample_result({3, 2, 0, 2, false});
    auto const    csv = qeval::opencompass_tree(r).files().at("20260304_050607/summary/summary_20260304_050607.csv");
    qeval::sha256 hash;
    hash.update("a rule, in words");
    auto const version = hash.hex().substr(0, 6);
    CHECK_THAT(csv, Catch::StartsWith("dataset,version,metric,mode,source,q8_0,q6_k\n"));
    CHECK_THAT(csv, Catch::Contains("\nmmlu," + version + ",accuracy,ppl," +
                                    qeval::text("{:.2f}", 100 * r.scores.schemes[0].tasks[0].metrics[0].score.value)));
    CHECK_THAT(csv, Catch::Contains("\nhumaneval," + version + ",humaneval_pass@1,gen,"));
    CHECK_THAT(csv, Catch::Contains(",perplexity,ppl,14.34,"));
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 4);
}

TEST_CASE("a summary's lines and columns stay whole with any names") {
    auto const  files = qeval::opencompass_tree(qeval_test::sample_result({6, 3, 0, 1, true})).files();
    auto const& csv   = files.at("20260304_050607/summary/summary_20260304_050607.csv");
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 5);
    CHECK(std::count(csv.begin(), csv.end(), ',') == 5 * 9);
    for (auto const& [path, content] : files) CHECK(path.find("/../") == path.npos);
}
