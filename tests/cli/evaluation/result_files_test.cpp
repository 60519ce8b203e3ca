// Files in an output path that an evaluation may write are known by their names, and no others are.
#include <string>

#include <tests/support/catch.hpp>

#include <qeval/cli/evaluation/eval_store.hpp>
#include <qeval/cli/evaluation/result_files.hpp>

using namespace qeval::cli;

TEST_CASE("every file of an evaluation is one of its results, whatever task or shard it is of") {
    for (auto const& file : result_files::all) {
        for (std::string const middle : {"", "mmlu", "a.b-1-of-3"}) {
            INFO(file.name(middle));
            CHECK(file.fits(file.name(middle)));
            CHECK(is_result_name(file.name(middle)));
        }
    }
    qeval::cli::eval_options shard;
    shard.shard = 2, shard.shards = 3;
    CHECK(store_name(shard) == "store-2-of-3.sqlite");
    CHECK(is_result_name(store_name(shard)));
    CHECK(is_result_name("store.sqlite-wal")); // SQLite's journal
    CHECK(is_result_name("results.json"));
    CHECK(is_result_name("results.csv"));
}

TEST_CASE("files that an evaluation does not write may lie in its output path") {
    for (std::string const name : {"model.safetensors", "config.json", "results", "my_results.json", "questions.jsonl",
                                   "reporter.py", "store", "samples.jsonl", "tokenizer.json", ""}) {
        INFO(name);
        CHECK_FALSE(is_result_name(name));
    }
    CHECK_FALSE(result_files::store.fits("store.sqlite-wal"));
    CHECK_FALSE(qeval::cli::result_file{"aba", "ba"}.fits("aba")); // the parts of a name do not overlap
}
