// Every option of tasks under every task: it changes what is asked or what the result says, or it is refused. Also
// tests task_options.hpp.
#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tests/eval/small_data_sets.hpp>
#include <tests/io/hostile.hpp>
#include <tests/support/catch.hpp>
#include <tests/support/data.hpp>
#include <tests/support/scripted_engine.hpp>

#include <qeval/eval/builtin_tasks.hpp>
#include <qeval/eval/result/item_run.hpp>
#include <qeval/eval/task/question.hpp>
#include <qeval/eval/task/text_encoder.hpp>
#include <qeval/eval/task/unused_options.hpp>
#include <qeval/io/chat/chat_templates.hpp>

using namespace qeval_test;

namespace {

// A value that no task has of itself.
void give(qeval::task_options& how, qeval::task_option option) {
    switch (option) {
    case qeval::task_option::limit:
        how.limit = 1;
        break;
    case qeval::task_option::windows:
        how.windows = 1;
        break;
    case qeval::task_option::shots:
        how.shots = 1;
        break;
    case qeval::task_option::split:
        how.split = "dev";
        break;
    case qeval::task_option::ctx:
        how.ctx = 32;
        break;
    case qeval::task_option::specials:
        how.specials = true;
        break;
    case qeval::task_option::chat:
        how.style.chat.emplace(*qeval::find_chat_template("chatml"));
        break;
    case qeval::task_option::system:
        how.style.system = "Be brief.";
        break;
    case qeval::task_option::fill:
        how.style.fill = {"<a>", "<b>", "<c>"};
        break;
    case qeval::task_option::preset:
        how.code.preset = "bigcode";
        break;
    case qeval::task_option::samples:
        how.code.samples = 2;
        break;
    case qeval::task_option::temperature:
        how.code.temperature = 0.75;
        break;
    case qeval::task_option::exec_mode:
        how.code.compat = true;
        break;
    case qeval::task_option::timeout:
        how.code.seconds = 5;
        break;
    }
}

// What a store knows a task by, and all that it asks.
std::vector<std::string> facts_of(data_set const& set, qeval::task_options const& how) {
    scratch const dir;
    for (auto const& [name, text] : set.files) put_file(dir / name, text);
    auto const task = qeval::builtin_tasks::load(set.task, dir / (set.loaded.empty() ? set.attacked : set.loaded), how);
    scripted_engine engine; // a token is a byte
    engine.context = 4096;
    engine.size    = 224;
    std::vector<std::string> facts{task->facts().protocol + task->facts().data_sha256};
    if (auto const* t = task->text()) {
        auto const text = t->windows(engine);
        facts.push_back(text.protocol);
        for (qeval::index w = 0; w < text.count(); ++w)
            facts.push_back(qeval::name_of_window(text.at(w), text.window(w).first, ""));
    }
    qeval::text_encoder words(engine);
    auto const          add = [&](std::vector<std::string> const& names) {
        facts.insert(facts.end(), names.begin(), names.end());
    };
    if (auto const* items = task->scored()) add(qeval::name_questions(*items, words));
    if (auto const* items = task->written()) add(qeval::name_questions(*items, words));
    return facts;
}

void check_unused(std::span<qeval::used_options_of_task const> tasks, qeval::task_options const& how,
                  std::string const& flag, std::string const& named) {
    CHECK_THROWS_AS(qeval::refuse_unused_options(tasks, how), qeval::usage_error);
    CHECK_THROWS_WITH(qeval::refuse_unused_options(tasks, how),
                      Catch::Contains("EV17") && Catch::Contains(flag + ":") && Catch::Contains(named) &&
                          Catch::Contains("--ignore-unused"));
}
void check_refused_for(std::vector<std::string_view> const& tasks, qeval::task_options const& how,
                       std::string const& flag, std::string const& named) {
    std::vector<qeval::used_options_of_task> all;
    for (auto const name : tasks) all.push_back({name, qeval::builtin_tasks::used_options(name)});
    check_unused(all, how, flag, named);
}
void check_taken_by(std::vector<std::string_view> const& tasks, qeval::task_options const& how) {
    std::vector<qeval::used_options_of_task> all;
    for (auto const name : tasks) all.push_back({name, qeval::builtin_tasks::used_options(name)});
    CHECK_NOTHROW(qeval::refuse_unused_options(all, how));
}

} // namespace

TEST_CASE("every option under every task changes its protocol, its questions or their number, or is refused") {
    for (auto const& set : all_sets()) {
        qeval::task_options plain;
        plain.code.allow = true;
        auto const used  = qeval::builtin_tasks::used_options(set.task);
        if (used.has(qeval::task_option::ctx)) plain.ctx = 16;
        if (used.has(qeval::task_option::shots)) plain.shots = 2;
        auto const before = facts_of(set, plain);
        for (auto const& row : qeval::task_option_rows) {
            INFO(set.task << " with " << row.flag);
            qeval::task_options given, changed = plain;
            give(given, row.option);
            give(changed, row.option);
            CHECK(row.given(given));
            auto taken_back = given;
            row.forget(taken_back);
            CHECK_FALSE(row.given(taken_back));
            qeval::used_options_of_task const only{set.task, used};
            if (used.has(row.option)) {
                CHECK_NOTHROW(qeval::refuse_unused_options(std::span(&only, 1), given));
                CHECK(facts_of(set, changed) != before);
            } else {
                check_unused(std::span(&only, 1), given, std::string(row.flag), set.task);
            }
            CHECK((facts_of(set, qeval::only_used(used, changed)) == before) == !used.has(row.option));
        }
    }
}
TEST_CASE("an option that speaks to every task needs all of them to use it, one that speaks to a kind needs one") {
    qeval::task_options how;
    how.shots = 2;
    check_refused_for({"arc_easy", "mmlu"}, how, "--num-fewshot", "arc_easy");
    check_taken_by({"gsm8k", "mmlu"}, how);
    how       = {};
    how.ctx   = 128;
    how.split = "val";
    check_refused_for({"mmlu", "ceval"}, how, "--split", "ceval"); // lm-eval's has one split
    how.split.clear();
    check_refused_for({"mmlu", "humaneval"}, how, "--ctx", "mmlu, humaneval");
    check_taken_by({"mmlu", "perplexity:llamacpp"}, how);
    how.specials = true;
    check_taken_by({"perplexity:llamacpp", "perplexity:gptq2048"}, how);
    check_refused_for({"perplexity:gptq2048"}, how, "--parse-special", "perplexity:gptq2048"); // does it anyway
    how             = {};
    how.code.preset = "openai";
    check_refused_for({"mbpp"}, how, "--code-preset", "mbpp"); // has a preset of its own
    how.limit   = 2;
    how.windows = 3;
    how.code    = {};
    check_taken_by({"perplexity:llamacpp", "cloze"}, how);
    check_refused_for({"perplexity:llamacpp"}, how, "--limit", "perplexity:llamacpp"); // --chunks stands in for it
}
