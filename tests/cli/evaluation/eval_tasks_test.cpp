// What a run refuses before any work: options that its tasks do not use, data that are a part of what is published.
#include <string>
#include <vector>

#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>

#include <qeval/cli/evaluation/eval_tasks.hpp>
#include <qeval/io/data/data_files.hpp>

using namespace qeval_test;

namespace {

qeval::cli::eval_options run_of(std::vector<std::string> tasks, std::filesystem::path const& folder) {
    qeval::cli::eval_options options;
    options.tasks = std::move(tasks);
    options.data  = folder.string();
    return options;
}
std::string protocol_in(qeval::cli::eval_options const& options) {
    return qeval::cli::load_eval_tasks(options)->fingerprint().front().second;
}

} // namespace

TEST_CASE("a part of a published set is refused by name, or taken with --partial and named in the fingerprint") {
    auto const gsm8k = data("datasets/gsm8k/test.jsonl");
    if (!gsm8k) return;
    scratch const     dir;
    std::string const all = qeval::read_data_file(*gsm8k).bytes;
    put_file(dir / "gsm8k/test.jsonl", all);
    auto options  = run_of({"gsm8k"}, dir.path());
    options.shots = 0;
    CHECK_THAT(protocol_in(options), Catch::Contains("; data: GSM8K, test split, as published (1319 items)"));
    std::string half = all.substr(0, all.find('\n', all.size() / 2) + 1);
    put_file(dir / "gsm8k/test.jsonl", half);
    check_refused([&] { (void)qeval::cli::load_eval_tasks(options); },
                  {"EV18", "gsm8k", "of the 1319 items of GSM8K", "published set", "--partial"});
    options.partial = true;
    CHECK_THAT(protocol_in(options), Catch::Contains(" of the 1319 items of GSM8K, test split"));
    options.partial = false;
    put_file(dir / "gsm8k/test.jsonl", R"({"question": "1 + 1?", "answer": "two\n#### 2"})"
                                       "\n");
    CHECK_THAT(protocol_in(options), Catch::Contains("; data: the user's own (1 item), not GSM8K"));
}
TEST_CASE("an examination whose questions stand in their own prompts is refused") {
    auto const mmlu = data("datasets/mmlu/data.tar.gz");
    if (!mmlu) return;
    auto options  = run_of({"mmlu"}, mmlu->parent_path().parent_path());
    options.limit = 1;
    CHECK_NOTHROW(qeval::cli::load_eval_tasks(options));
    options.split = "dev";
    check_refused([&] { (void)qeval::cli::load_eval_tasks(options); },
                  {"EV18", "mmlu", "give away 285 answers", "", "--partial"});
    options.shots = 0;
    CHECK_NOTHROW(qeval::cli::load_eval_tasks(options));
}
TEST_CASE("options that a task of the run does not use are refused, or pass with --ignore-unused") {
    scratch const dir;
    put_file(dir / "cloze.jsonl", "{\"text\": \"the cat sat\"}\n");
    auto options  = run_of({"cloze"}, dir.path());
    options.shots = 2;
    CHECK_THROWS_WITH(qeval::cli::load_eval_tasks(options),
                      Catch::Contains("EV17") && Catch::Contains("--num-fewshot") && Catch::Contains("cloze"));
    options.ignore_unused = true;
    CHECK_NOTHROW(qeval::cli::load_eval_tasks(options));
}
